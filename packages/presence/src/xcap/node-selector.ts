import { readNamespaces } from './namespace-query.ts';

/** One step: an element by name, by its position among those of that name (from 1), by an attribute. */
export interface Step {
  /** Absent: any name. Its namespace is resolved. */
  name?: { namespace: string; local: string };
  position?: number;
  attribute?: { namespace: string; local: string; value: string };
  /** As it was written, percent-encoded again. */
  text: string;
}

export interface NodeSelector {
  /** From the root element on; at least one. */
  steps: Step[];
  /** What of the last element is meant. */
  terminal: { kind: 'element' } | { kind: 'attribute'; namespace: string; local: string } | { kind: 'namespaces' };
}

const MAXIMUM_LENGTH = 4_000;
const MAXIMUM_STEPS = 32;
const NAME = '(?:[\\p{L}_][\\p{L}\\p{N}_.-]*:)?[\\p{L}_][\\p{L}\\p{N}_.-]*';
// step = NameorAny [ "[" position "]" ] [ "[" "@" att-name "=" AttValue "]" ], RFC 4825 §6.3.
const STEP = new RegExp(
  `^(\\*|${NAME})(?:\\[([1-9]\\d{0,5})\\])?(?:\\[@(${NAME})=(?:"([^"<]*)"|'([^'<]*)')\\])?$`,
  'u',
);
const ATTRIBUTE = new RegExp(`^@(${NAME})$`, 'u');

/**
 * Reads the node selector of an XCAP URI (RFC 4825 §6.3, §6.4).
 *
 * @param selector what follows `/~~`, beginning with a slash, still percent-encoded
 * @param query of the URI, without `?`, still percent-encoded: `xmlns(a=urn:…)` (§6.4)
 * @param defaultNamespace of names without a prefix: the application usage's
 * @returns undefined: it is none (400)
 */
export function readNodeSelector(
  selector: string,
  query: string | undefined,
  defaultNamespace: string,
): NodeSelector | undefined {
  const path = decode(selector);
  const namespaces = readNamespaces(decode(query ?? '') ?? '?');
  if (path === undefined || namespaces === undefined || !path.startsWith('/')) return undefined;
  const parts = split(path.slice(1));
  if (parts === undefined || parts.length > MAXIMUM_STEPS) return undefined;
  const scope = { namespaces, defaultNamespace };
  const terminal = readTerminal(parts.at(-1)!, scope);
  if (terminal === null) return undefined;
  if (terminal !== undefined) parts.pop();
  const steps = parts.map((part) => readStep(part, scope));
  if (steps.length === 0 || steps.includes(undefined)) return undefined;
  return { steps: steps as Step[], terminal: terminal ?? { kind: 'element' } };
}

interface Scope {
  namespaces: ReadonlyMap<string, string>;
  defaultNamespace: string;
}

/** undefined: an element is meant; null: wrong. */
function readTerminal(part: string, scope: Scope): NodeSelector['terminal'] | null | undefined {
  if (part === 'namespace::*') return { kind: 'namespaces' };
  const name = ATTRIBUTE.exec(part)?.[1];
  if (name === undefined) return part.startsWith('@') ? null : undefined;
  const resolved = resolve(name, scope, '');
  return resolved === undefined ? null : { kind: 'attribute', ...resolved };
}

function readStep(part: string, scope: Scope): Step | undefined {
  const match = STEP.exec(part);
  if (match === null) return undefined;
  const [, name = '', position, attributeName, double, single] = match;
  const step: Step = { text: encodeURI(part).replace(/[[\]'?#]/g, escapeCharacter) };
  if (name !== '*') {
    const resolved = resolve(name, scope, scope.defaultNamespace);
    if (resolved === undefined) return undefined;
    step.name = resolved;
  }
  if (position !== undefined) step.position = Number(position);
  if (attributeName === undefined) return step;
  // An attribute without a prefix is in no namespace (§6.4).
  const resolved = resolve(attributeName, scope, '');
  const value = readReferences(double ?? single ?? '');
  if (resolved === undefined || value === undefined) return undefined;
  step.attribute = { ...resolved, value };
  return step;
}

function resolve(name: string, { namespaces }: Scope, unprefixed: string) {
  const colon = name.indexOf(':');
  const namespace = colon < 0 ? unprefixed : namespaces.get(name.slice(0, colon));
  return namespace === undefined ? undefined : { namespace, local: name.slice(colon + 1) };
}

/** At slashes that stand in no quotes. */
function split(path: string): string[] | undefined {
  const parts = path.match(/(?:"[^"]*"|'[^']*'|[^/"'])+/g);
  return parts?.join('/') === path ? parts : undefined;
}

function decode(text: string): string | undefined {
  try {
    return text.length > MAXIMUM_LENGTH ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** AttValue of XML: its references. undefined: there are others. */
function readReferences(value: string): string | undefined {
  let wrong = false;
  const text = value.replace(
    /&(?:(amp|lt|gt|quot|apos);|#(\d{1,7});|#x([0-9A-Fa-f]{1,6});)?/g,
    (_all, name, decimal, hex) => {
      if (name !== undefined) return ENTITIES[name]!;
      const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? 'none', 16);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      wrong = true;
      return '';
    },
  );
  return wrong ? undefined : text;
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
