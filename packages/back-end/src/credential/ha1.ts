/** H(username:realm:password) of RFC 7616 §3.4.2 by algorithm, as 32, 64 and 64 hexadecimal digits in lower case. At least one. */
export type Ha1s = Partial<Record<'MD5' | 'SHA-256' | 'SHA-512-256', string>>;

/** As the back end stores it. */
export function ha1Bytes(digits: string | undefined): Buffer | undefined {
  return digits === undefined ? undefined : Buffer.from(digits, 'hex');
}
