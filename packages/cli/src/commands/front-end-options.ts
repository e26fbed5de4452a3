import { type Command, Option } from 'commander';

/** The flags of a front end, by what they are about. Their defaults and checks are in the front end's settings. */
const LISTENING = [
  ['--host <address>', 'address to listen on; 0.0.0.0 for all (default 127.0.0.1)'],
  ['--sip-port <port>', 'SIP over UDP and TCP (default 5060; 0 takes a free one)'],
  ['--sips-port <port>', 'SIP over TLS (default 5061)'],
  ['--http-port <port>', 'HTTP: the API, health, metrics, and SIP over WebSocket at /sip (default 8080)'],
  ['--advertise <address>', 'address that clients reach this front end at, when it is not --host'],
  ['--proxy-networks <list>', 'networks of balancers that send the PROXY protocol, with commas between (default none)'],
  ['--ws-origins <list>', 'web origins whose pages may connect by WebSocket, with commas between (default any)'],
  ['--tls-cert <file>', 'TLS certificate (PEM); without one a self-signed one is made'],
  ['--tls-key <file>', 'its private key (PEM)'],
  [
    '--client-ca <file>',
    'authorities whose certificates on TLS stand for a password (PEM; default: none are asked for)',
  ],
  ['--client-crl <file>', 'what these have revoked (PEM)'],
] as const;

const POOL = [
  ['--internal-host <address>', 'address to listen on for the other front ends of the pool (default: --host)'],
  ['--internal-port <port>', 'its port (default: any free one)'],
  ['--internal-tls-cert <file>', 'TLS between front ends: certificate of this one (PEM; default: plain TCP)'],
  ['--internal-tls-key <file>', 'its private key (PEM)'],
  ['--internal-tls-ca <file>', 'the authority that signed those of all front ends (PEM)'],
] as const;

const CALLS = [
  ['--trusted-networks <list>', 'networks whose requests need no password: gateways, servers (default none)'],
  ['--resolve', 'send requests for foreign domains where DNS says (RFC 3263; default: refuse them)'],
  ['--dns-servers <list>', 'asked for the names of servers outside, e.g. 10.0.0.2:53 (default: those of the machine)'],
] as const;

const ROUTE = [
  '--route <domain=uri>',
  'where requests for a foreign domain go, e.g. example.net=sip:10.0.0.9:5060;transport=tcp; * is any other; may be repeated',
] as const;

const MESSAGES = [
  ['--message-lifetime <seconds>', 'how long a message waits for somebody who is not there (default 1209600, 14 days)'],
  [
    '--max-waiting-messages <number>',
    'messages that wait for one account; more are refused (default 500; 0: none wait)',
  ],
  ['--max-waiting-bytes <number>', 'bytes of messages that wait for one account (default 2000000)'],
] as const;

const PRESENCE = [['--max-contacts <number>', 'contacts in the list of an account (default 250)']] as const;

const REGISTRATION = [
  ['--min-expires <seconds>', 'shortest registration; shorter ones get 423 (default 60)'],
  ['--max-expires <seconds>', 'longest registration; longer ones are shortened (default 3600)'],
  ['--default-expires <seconds>', 'registration that names no time (default 600)'],
  ['--max-endpoints <number>', 'devices of an account at one time; the oldest leaves (default 8)'],
  [
    '--digest-algorithms <list>',
    'of MD5, SHA-256, SHA-512-256, with commas between (default MD5: what every softphone knows. With several, each is offered, the strongest first; older phones read only the first)',
  ],
  ['--digest-integrity', 'offer qop=auth-int beside auth'],
  ['--nonce-lifetime <seconds>', 'how long a challenge may be used (default 300)'],
] as const;

const STOPPING = [
  ['--drain-seconds <seconds>', 'how long connections take to close on SIGTERM (default: pool 10, start 0)'],
] as const;

const HTTP_CLIENTS = [
  ['--token-lifetime <seconds>', 'how long an access token is believed (default 300)'],
  ['--bearer', 'tell SIP clients that they may come with an access token (RFC 8898); some softphones give up at that'],
  ['--oidc-issuer <url>', 'OpenID Connect provider whose tokens are taken from SIP clients'],
  ['--oidc-audience <text>', 'what its tokens must say in aud'],
  ['--oidc-account-claim <name>', 'the claim that holds the account, e.g. alice@example.org (default email)'],
  ['--session-lifetime <seconds>', 'how long a session lasts that is not refreshed (default 2592000, 30 days)'],
] as const;

const BUS = [
  [
    '--redis-url <url>',
    'Redis that carries wake-ups between front ends: redis://host:6379/0 (default: PostgreSQL does; the same for all front ends of a pool)',
  ],
] as const;

const APPLICATIONS = [
  [
    '--applications <list>',
    'server applications that see requests first, with commas between: files, do-not-disturb, keyword-bot (default none)',
  ],
  ['--application-budget <ms>', 'time that each has for a request before it is passed over (default 50)'],
] as const;

const LOGGING = [['--log-level <level>', 'fatal, error, warn, info, debug, trace or silent (default info)']] as const;

export function addFrontEndOptions(command: Command): Command {
  const all = [
    ...LISTENING,
    ...POOL,
    ...CALLS,
    ...MESSAGES,
    ...PRESENCE,
    ...REGISTRATION,
    ...HTTP_CLIENTS,
    ...STOPPING,
    ...BUS,
    ...APPLICATIONS,
    ...LOGGING,
  ];
  for (const [flags, text] of all) command.addOption(new Option(flags, text));
  command.option(...ROUTE, (route: string, before?: string) => (before === undefined ? route : `${before},${route}`));
  return command.addHelpText(
    'after',
    '\nEach flag has an environment variable, which it wins over: --sip-port is ROLLCALL_SIP_PORT.',
  );
}
