export {
  ACCESS_NAMESPACE,
  formatPresRules,
  PRES_RULES_NAMESPACE,
  PRES_RULES_TYPE,
  type PresenceRule,
  readPresRules,
} from './pres-rules.ts';
