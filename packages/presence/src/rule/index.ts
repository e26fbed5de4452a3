export { formatPresRules } from './format-pres-rules.ts';
export { ACCESS_NAMESPACE, PRES_RULES_NAMESPACE, PRES_RULES_TYPE, type PresenceRule } from './presence-rule.ts';
export { readPresRules } from './read-pres-rules.ts';
