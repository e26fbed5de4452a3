import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { SettingsError, wholeNumber, z } from '@rollcall/process';
import { DIRECTORY_KINDS, type DirectoryKind } from './types.ts';

/** What reaches a directory: for all who sign people in or replicate. Spread it into a service's schema. */
export const directoryShape = {
  /** ldap:// or ldaps:// URLs of servers with the same content, tried in turn. */
  directoryUrl: serverUrls().optional(),
  /** By default what the server says of itself. */
  directoryKind: z.enum(DIRECTORY_KINDS, { error: `must be one of ${DIRECTORY_KINDS.join(', ')}` }).optional(),
  /** By default the only naming context. */
  directoryBase: z.string().min(1).optional(),
  /** By default the people, as the kind of server has them. */
  directoryFilter: z
    .string()
    .regex(/^\(.*\)$/s, { error: 'must be an LDAP filter in parentheses' })
    .optional(),
  directoryBindDn: z.string().min(1).optional(),
  directoryPassword: z.string().min(1).optional(),
  directoryPasswordFile: z.string().min(1).optional(),
  /** PEM file with the authority of the servers' certificates; by default those that Node knows. */
  directoryCa: z.string().min(1).optional(),
  directoryStartTls: z.stringbool().or(z.boolean()).default(false),
  /** Takes passwords to other hosts over ldap:// without TLS. */
  directoryPlain: z.stringbool().or(z.boolean()).default(false),
  /** Seconds that a server has for each answer. */
  directoryTimeout: wholeNumber(1, 600).default(10),
};

/** What only the replicator needs beside `directoryShape`. */
export const replicatorShape = {
  /** JSON file; by default the preset of the kind. */
  directoryMapping: z.string().min(1).optional(),
  /** cron, or `continuous`: as soon as the server tells of a change, else every second. */
  directorySchedule: z.string().min(1).default('* * * * *'),
  /** Percent of the enabled accounts that one run may disable. */
  directoryDisableLimit: wholeNumber(0, 100).default(10),
  /** Days until the account of an entry that is gone is removed. */
  directoryGraceDays: wholeNumber(0, 3650).default(30),
  /** cron: when everything is compared. */
  directoryFullSchedule: z.string().min(1).default('17 3 * * *'),
  directoryPageSize: wholeNumber(1, 1000).default(500),
};

type Flags = z.output<z.ZodObject<typeof directoryShape>> & { readonly directoryPageSize?: number };

export interface DirectoryServer {
  /** As configured, for messages. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (ldaps). */
  readonly tls: boolean;
}

/** The settings as connections need them: files read, servers taken apart. */
export interface DirectorySettings {
  readonly servers: readonly DirectoryServer[];
  readonly kind: DirectoryKind | undefined;
  readonly base: string | undefined;
  readonly filter: string | undefined;
  /** '' binds nobody. */
  readonly bindDn: string;
  readonly password: string;
  /** PEM */
  readonly ca: string | undefined;
  readonly startTls: boolean;
  readonly timeoutMs: number;
  readonly pageSize: number;
}

/** @throws SettingsError with all that is wrong: files that cannot be read, passwords that would go in the clear */
export function readDirectorySettings(flags: Flags): DirectorySettings {
  const problems: string[] = [];
  const read = (setting: string, file: string | undefined) => {
    try {
      return file === undefined ? undefined : readFileSync(file, 'utf8');
    } catch (error) {
      problems.push(`${setting}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
      return undefined;
    }
  };
  const servers = (flags.directoryUrl ?? []).map(serverOf);
  const ca = read('--directory-ca', flags.directoryCa);
  const password =
    flags.directoryPassword ?? read('--directory-password-file', flags.directoryPasswordFile)?.replace(/\r?\n$/, '');
  if (servers.length === 0) problems.push('--directory-url (ROLLCALL_DIRECTORY_URL) is missing.');
  if ((flags.directoryBindDn === undefined) !== (password === undefined) && problems.length === 0) {
    problems.push('Give both --directory-bind-dn and --directory-password (or --directory-password-file), or neither.');
  }
  for (const { url } of servers.filter((server) => isInTheClear(server, flags))) {
    problems.push(
      `Passwords would go to ${url} in the clear: use ldaps:// or --directory-start-tls, or --directory-plain if the network between is trusted.`,
    );
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    ...{ servers, ca, kind: flags.directoryKind, base: flags.directoryBase, filter: flags.directoryFilter },
    ...{ bindDn: flags.directoryBindDn ?? '', password: password ?? '', startTls: flags.directoryStartTls },
    ...{ timeoutMs: flags.directoryTimeout * 1000, pageSize: flags.directoryPageSize ?? 500 },
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function isInTheClear({ tls, host }: DirectoryServer, flags: Flags): boolean {
  if (tls || flags.directoryStartTls || flags.directoryPlain || host === 'localhost') return false;
  return isIP(host) === 0 || !LOOPBACK.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}

/** With commas or spaces between: `ldaps://a.example.org,ldap://b.example.org:3890`. */
function serverUrls() {
  const error = 'must be ldap:// or ldaps:// URLs with nothing after host and port, with commas between';
  return z
    .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter((url) => url !== ''))])
    .refine(
      (urls) => urls.length > 0 && urls.every((url) => /^ldaps?:\/\/[^/?#@]+\/?$/i.test(url) && URL.canParse(url)),
      {
        error,
      },
    );
}

function serverOf(url: string): DirectoryServer {
  const { protocol, hostname, port } = new URL(url);
  const tls = protocol === 'ldaps:';
  return { url, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (tls ? 636 : 389), tls };
}
