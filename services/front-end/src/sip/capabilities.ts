/** The methods that this front end serves or passes on. */
export const ALLOW =
  'ACK, BYE, CANCEL, INFO, INVITE, MESSAGE, NOTIFY, OPTIONS, PRACK, PUBLISH, REFER, REGISTER, SUBSCRIBE, UPDATE';

/** Option tags that a Require may name: RFC 3327, RFC 5627, RFC 5626. */
export const SUPPORTED = ['path', 'gruu', 'outbound'] as const;
