/** H(username:realm:password) of RFC 7616 §3.4.2 by algorithm: 16, 32 and 32 bytes. At least one. */
export type Ha1s = Partial<Record<'MD5' | 'SHA-256' | 'SHA-512-256', Buffer>>;
