/** One step: an element by name (null: `*`), by its position among those of that name (from 1), by an attribute. */
export interface Step {
  /** Absent: any name. Its namespace is resolved. */
  name?: { namespace: string; local: string };
  position?: number;
  attribute?: { namespace: string; local: string; value: string };
}

export interface NodeSelector {
  /** From the root element on; at least one. */
  steps: Step[];
  /** What of the last element is meant. */
  terminal: { kind: 'element' } | { kind: 'attribute'; namespace: string; local: string } | { kind: 'namespaces' };
}

/**
 * Reads the node selector of an XCAP URI (RFC 4825 §6.3, §6.4).
 *
 * @param selector what follows `/~~`, beginning with a slash, still percent-encoded
 * @param query of the URI, without `?`, still percent-encoded: `xmlns(a=urn:…)` (§6.4)
 * @param defaultNamespace of names without a prefix: the application usage's
 * @returns undefined: it is none (400)
 */
export function readNodeSelector(
  _selector: string,
  _query: string | undefined,
  _defaultNamespace: string,
): NodeSelector | undefined {
  throw new Error('not yet');
}
