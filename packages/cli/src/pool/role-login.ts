import { openBackEnd } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';

/**
 * How the processes of a pool log in to a database that the operator has named: as the operator's login does, but with the
 * rights of their role alone, where that login may take it. The role's own password may be in use by another pool:
 * roles belong to the whole server.
 */
export async function roleLogin(
  databaseUrl: string,
  role: 'rollcall_front_end' | 'rollcall_replicator',
  log: Log,
): Promise<string> {
  const limited = withRole(databaseUrl, role);
  try {
    const backEnd = await openBackEnd({ databaseUrl: limited, connections: 1 });
    await (role === 'rollcall_front_end' ? backEnd.listDomains() : backEnd.directoryStatus()).finally(() =>
      backEnd.close(),
    );
    return limited;
  } catch {
    const what = role === 'rollcall_front_end' ? 'front ends have' : 'the user replicator has';
    log.warn(
      `${what} all rights of this database login: \`grant ${role} to ${new URL(databaseUrl).username || 'it'} with set true\` would leave those that are needed`,
    );
    return databaseUrl;
  }
}

function withRole(databaseUrl: string, role: string): string {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options');
  url.searchParams.set('options', `${given === null ? '' : `${given} `}-c role=${role}`);
  return url.href;
}
