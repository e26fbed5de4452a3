import { directoryShape } from '@rollcall/directory';
import {
  choices,
  databaseUrl,
  nameServers,
  networks,
  origins,
  port,
  redisUrl,
  texts,
  wholeNumber,
  z,
} from '@rollcall/process';
import { DIGEST_ALGORITHMS } from '@rollcall/sip';
import { staticRoutes } from './static-routes.ts';

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
    /** Where the other front ends of the pool reach this one; by default `host`, and any free port. */
    internalHost: z.string().min(1).optional(),
    internalPort: port().default(0),
    /** TLS between front ends, which prove to each other that the same authority has signed them. */
    internalTlsCert: z.string().optional(),
    internalTlsKey: z.string().optional(),
    internalTlsCa: z.string().optional(),
    /** Gateways and servers whose requests need no password. */
    trustedNetworks: networks().optional(),
    /** Where requests for foreign domains go. */
    route: staticRoutes().optional(),
    /** Sends requests for foreign domains where DNS says (RFC 3263). */
    resolve: z.stringbool().or(z.boolean()).default(false),
    /** Asked for the names of servers outside; by default those of the machine. */
    dnsServers: nameServers().optional(),
    /** The address that clients reach this front end at, for Service-Route; by default `host` where that is one. */
    advertise: z.string().optional(),
    /** Balancers, whose connections begin with a PROXY header; from anybody else such a header is refused. */
    proxyNetworks: networks().optional(),
    /** Web origins whose pages may open SIP over WebSocket; any when not given. */
    wsOrigins: origins().optional(),
    tlsCert: z.string().optional(),
    tlsKey: z.string().optional(),
    /** Authorities that sign certificates of users, who need no password then on TLS; and what these have revoked. */
    clientCa: z.string().optional(),
    clientCrl: z.string().optional(),
    /** Where a self-signed certificate is kept between starts; in memory only when not given. */
    dataFolder: z.string().optional(),
    minExpires: seconds().default(60),
    maxExpires: seconds().default(3600),
    defaultExpires: seconds().default(600),
    maxEndpoints: wholeNumber(1, 64).default(8),
    /** How long a message waits for an endpoint, and how many, and how many bytes of them, wait for one account. */
    messageLifetime: wholeNumber(60, 366 * 86_400).default(14 * 86_400),
    maxWaitingMessages: wholeNumber(0, 100_000).default(500),
    maxWaitingBytes: wholeNumber(0, 1 << 30).default(2_000_000),
    /** In the list of an account. */
    maxContacts: wholeNumber(1, 1000).default(250),
    /** Of the challenges; `MD5` alone by default, see docs/decisions.md. */
    digestAlgorithms: choices(DIGEST_ALGORITHMS).default(['MD5']),
    /** Offers qop=auth-int beside auth. */
    digestIntegrity: z.stringbool().or(z.boolean()).default(false),
    nonceLifetime: seconds().default(300),
    /** How long connections take to close when it stops; 0 closes them at once. */
    drainSeconds: wholeNumber(0, 3600).default(0),
    /** Of an access token. */
    tokenLifetime: wholeNumber(1, 3600).default(300),
    /** Of a session that is not refreshed. */
    sessionLifetime: wholeNumber(60, 366 * 86_400).default(30 * 86_400),
    /** Tells SIP clients that they may come with an access token (RFC 8898); one that comes is always understood. */
    bearer: z.stringbool().or(z.boolean()).default(false),
    /** An OpenID Connect provider whose tokens are taken from SIP clients, as its tokens say in `iss`. */
    oidcIssuer: z.url({ protocol: /^https?$/, error: 'must be a URL like https://login.example.org' }).optional(),
    /** What its tokens must say in `aud`. */
    oidcAudience: z.string().min(1).optional(),
    /** The claim that holds the account's address. */
    oidcAccountClaim: z.string().min(1).default('email'),
    /** The directory whose passwords sign in; the user replicator makes its accounts. */
    ...directoryShape,
    /** Server applications, asked in this order: files, or the names of shipped ones. */
    applications: texts().default([]),
    /** ms that each of them has for a request. */
    applicationBudget: wholeNumber(1, 10_000).default(50),
    /** Carries the bus instead of PostgreSQL. */
    redisUrl: redisUrl().optional(),
  })
  .refine((s) => s.minExpires <= s.defaultExpires && s.defaultExpires <= s.maxExpires, {
    error: 'the registration times must be min-expires <= default-expires <= max-expires',
    path: ['defaultExpires'],
  })
  .refine((s) => (s.oidcIssuer === undefined) === (s.oidcAudience === undefined), {
    error: 'give both oidc-issuer and oidc-audience, or neither',
    path: ['oidcAudience'],
  })
  .refine((s) => (s.tlsCert === undefined) === (s.tlsKey === undefined), {
    error: 'give both tls-cert and tls-key, or neither',
    path: ['tlsCert'],
  })
  .refine((s) => s.clientCrl === undefined || s.clientCa !== undefined, {
    error: 'give client-ca too, whose certificates client-crl is about',
    path: ['clientCrl'],
  })
  .refine(
    (s) => new Set([s.internalTlsCert, s.internalTlsKey, s.internalTlsCa].map((file) => file === undefined)).size === 1,
    {
      error: 'give internal-tls-cert, internal-tls-key and internal-tls-ca, or none of them',
      path: ['internalTlsCert'],
    },
  );

export type FrontEndSettings = z.infer<typeof frontEndSettings>;
