import { frontEndSettings } from '@rollcall/front-end';
import { flagOf, logLevel, port, readSettings, variableOf, wholeNumber, z } from '@rollcall/process';
import { replicationShape } from '@rollcall/user-replicator';
import { domainArgument } from '../account/account-argument.ts';
import { DEFAULT_DATA } from '../connection.ts';

const schema = frontEndSettings.safeExtend({
  ...replicationShape,
  data: z.string().min(1).default(DEFAULT_DATA),
  logLevel: logLevel().default('info'),
  drainSeconds: wholeNumber(0, 3600).default(10),
  frontEnds: wholeNumber(1, 100).default(2),
  /** HAProxy processes that share the ports: one may open half as many connections as it may open files. */
  balancers: wholeNumber(1, 16).default(1),
  /** HTTPS and WSS, ended by HAProxy; not served unless it is given. */
  httpsPort: port().optional(),
  /** Of HAProxy's statistics, on the loopback; the next balancer takes the next port. */
  statsPort: port().default(0),
  /** Of the user replicator's health and metrics, on the loopback. */
  replicatorPort: port().default(0),
});

export type PoolSettings = ReturnType<typeof readPoolSettings>;

/** What the pool decides itself; all other flags are the front ends'. */
const OWN = new Set([
  ...['data', 'json', 'frontEnds', 'balancers', 'httpsPort', 'statsPort', 'replicatorPort', 'databaseUrl', 'domain'],
  ...['host', 'sipPort', 'sipsPort', 'httpPort', 'proxyNetworks', 'internalHost', 'redisUrl'],
]);

/** The settings of `rollcall pool`. `askedDomain` is unset when neither flag nor variable names a domain. */
export function readPoolSettings(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>> = process.env,
) {
  // A folder that is named outdoes a database of the environment; without either the database is the pool's own.
  const fromEnvironment = flags.data === undefined ? env.ROLLCALL_DATABASE_URL : undefined;
  const askedDatabase = (flags.databaseUrl as string | undefined) ?? (fromEnvironment || undefined);
  const settings = readSettings(schema, { ...flags, databaseUrl: askedDatabase ?? 'postgres://localhost/' }, env);
  const asked = (flags.domain as string | undefined) ?? (env.ROLLCALL_DOMAIN || undefined);
  const frontEndFlags = Object.entries(flags)
    .filter(([setting]) => !OWN.has(setting) && !(setting in replicationShape))
    .flatMap(([setting, value]) => (value === true ? [flagOf(setting)] : [flagOf(setting), String(value)]));
  // By the environment, which other users cannot read: a password may be among them.
  const directoryEnv = Object.fromEntries(
    Object.keys(replicationShape)
      .filter((setting) => flags[setting] !== undefined)
      .map((setting) => [variableOf(setting), String(flags[setting])]),
  );
  return Object.freeze({
    ...settings,
    directoryEnv,
    askedDatabase,
    askedDomain: asked === undefined ? undefined : domainArgument(asked),
    frontEndFlags,
  });
}
