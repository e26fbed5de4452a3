import { choices, databaseUrl, networks, origins, port, wholeNumber, z } from '@rollcall/process';
import { DIGEST_ALGORITHMS } from '@rollcall/sip';

const seconds = () => wholeNumber(1, 86_400);

/**
 * What a front end is told when it starts. Names are those of the flags (`--sip-port`) and of the environment
 * (`ROLLCALL_SIP_PORT`). Ports: 0 takes any free one. Times are in seconds.
 */
export const frontEndSettings = z
  .object({
    databaseUrl: databaseUrl(),
    domain: z.string().min(1).toLowerCase().default('localhost'),
    host: z.string().min(1).default('127.0.0.1'),
    sipPort: port().default(5060),
    sipsPort: port().default(5061),
    httpPort: port().default(8080),
    /** The address that clients reach this front end at, for Service-Route; by default `host` where that is one. */
    advertise: z.string().optional(),
    /** Balancers, whose connections begin with a PROXY header; from anybody else such a header is refused. */
    proxyNetworks: networks().optional(),
    /** Web origins whose pages may open SIP over WebSocket; any when not given. */
    wsOrigins: origins().optional(),
    tlsCert: z.string().optional(),
    tlsKey: z.string().optional(),
    /** Where a self-signed certificate is kept between starts; in memory only when not given. */
    dataFolder: z.string().optional(),
    minExpires: seconds().default(60),
    maxExpires: seconds().default(3600),
    defaultExpires: seconds().default(600),
    maxEndpoints: wholeNumber(1, 64).default(8),
    /** Of the challenges; `MD5` alone by default, see docs/decisions.md. */
    digestAlgorithms: choices(DIGEST_ALGORITHMS).default(['MD5']),
    /** Offers qop=auth-int beside auth. */
    digestIntegrity: z.stringbool().or(z.boolean()).default(false),
    nonceLifetime: seconds().default(300),
    /** How long connections take to close when it stops; 0 closes them at once. */
    drainSeconds: wholeNumber(0, 3600).default(0),
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
