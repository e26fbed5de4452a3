import { RESOURCE_LISTS_NAMESPACE } from '@rollcall/presence';

export const CAPABILITIES_NAMESPACE = 'urn:ietf:params:xml:ns:xcap-caps';
export const CAPABILITIES_TYPE = 'application/xcap-caps+xml';

const AUIDS = ['xcap-caps', 'resource-lists', 'pres-rules'];
const NAMESPACES = [
  CAPABILITIES_NAMESPACE,
  RESOURCE_LISTS_NAMESPACE,
  'urn:ietf:params:xml:ns:pres-rules',
  'urn:ietf:params:xml:ns:common-policy',
];

const each = (name: string, values: string[]) => values.map((value) => `<${name}>${value}</${name}>`).join('');

/** What this server can do (RFC 4825 §12): the same for everybody. */
export const CAPABILITIES =
  `<?xml version="1.0" encoding="UTF-8"?>\n<xcap-caps xmlns="${CAPABILITIES_NAMESPACE}">` +
  `<auids>${each('auid', AUIDS)}</auids><extensions/><namespaces>${each('namespace', NAMESPACES)}</namespaces></xcap-caps>`;
