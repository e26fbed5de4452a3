/** Every method that this front end serves. */
const METHODS = ['OPTIONS', 'REGISTER'] as const;

export type Method = (typeof METHODS)[number];

export const ALLOW = METHODS.join(', ');

/** Option tags that a Require may name: RFC 3327, RFC 5627, RFC 5626. */
export const SUPPORTED = ['path', 'gruu', 'outbound'] as const;

export function isMethod(method: string): method is Method {
  return (METHODS as readonly string[]).includes(method);
}
