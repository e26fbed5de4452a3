import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const seconds = z.coerce.number().int().min(1).max(86_400);

/** Algorithms of digest challenges, RFC 8760 §2.1; `MD5` alone by default, see docs/decisions.md. */
export const DIGEST_ALGORITHMS = ['SHA-512-256', 'SHA-256', 'MD5'] as const;

/**
 * What a front end is told when it starts. Names are those of the flags (`--sip-port`) and of the environment
 * (`ROLLCALL_SIP_PORT`). Ports: 0 takes any free one. Times are in seconds.
 */
export const frontEndSettings = z
  .object({
    databaseUrl: z.string().min(1),
    domain: z.string().min(1).toLowerCase().default('localhost'),
    host: z.string().min(1).default('127.0.0.1'),
    sipPort: port.default(5060),
    sipsPort: port.default(5061),
    httpPort: port.default(8080),
    /** The address that clients reach this front end at, for Service-Route; by default `host` where that is one. */
    advertise: z.string().optional(),
    tlsCert: z.string().optional(),
    tlsKey: z.string().optional(),
    /** Where a self-signed certificate is kept between starts; in memory only when not given. */
    dataFolder: z.string().optional(),
    minExpires: seconds.default(60),
    maxExpires: seconds.default(3600),
    defaultExpires: seconds.default(600),
    maxEndpoints: z.coerce.number().int().min(1).max(64).default(8),
    digestAlgorithms: z
      .preprocess(
        (value) => (typeof value === 'string' ? value.split(',').map((s) => s.trim()) : value),
        z.array(z.enum(DIGEST_ALGORITHMS)).min(1),
      )
      .default(['MD5']),
    /** Offers qop=auth-int beside auth. */
    digestIntegrity: z.stringbool().or(z.boolean()).default(false),
    nonceLifetime: seconds.default(300),
  })
  .refine((s) => s.minExpires <= s.defaultExpires && s.defaultExpires <= s.maxExpires, {
    error: 'the registration times must be min-expires <= default-expires <= max-expires',
    path: ['defaultExpires'],
  })
  .refine((s) => (s.tlsCert === undefined) === (s.tlsKey === undefined), {
    error: 'give both tls-cert and tls-key, or neither',
    path: ['tlsCert'],
  });

export type FrontEndSettings = z.infer<typeof frontEndSettings>;
