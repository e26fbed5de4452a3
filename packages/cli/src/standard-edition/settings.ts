import { frontEndSettings } from '@rollcall/front-end';
import { logLevel, readSettings, z } from '@rollcall/process';
import { replicationShape } from '@rollcall/user-replicator';
import { domainArgument } from '../account/account-argument.ts';
import { DEFAULT_DATA } from '../connection.ts';

const schema = frontEndSettings.safeExtend({
  ...replicationShape,
  data: z.string().min(1).default(DEFAULT_DATA),
  logLevel: logLevel().default('info'),
});

export type StandardEditionSettings = ReturnType<typeof readStandardEditionSettings>;

/** The settings of `rollcall start`. `askedDomain` is unset when neither flag nor variable names a domain. */
export function readStandardEditionSettings(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>> = process.env,
) {
  // The database is this process's own, whatever the environment says of others; its address is known when it runs.
  const settings = readSettings(schema, { ...flags, databaseUrl: 'postgres://localhost/' }, env);
  const asked = (flags.domain as string | undefined) ?? (env.ROLLCALL_DOMAIN || undefined);
  return Object.freeze({ ...settings, askedDomain: asked === undefined ? undefined : domainArgument(asked) });
}
