import { openBackEnd } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';

const ROLE = 'rollcall_front_end';

/**
 * How front ends log in to a database that the operator has named: as the operator's login does, but with the rights of
 * rollcall_front_end alone, where that login may take the role. That role's own password may be in use by another pool:
 * roles belong to the whole server.
 */
export async function frontEndLogin(databaseUrl: string, log: Log): Promise<string> {
  const limited = withRole(databaseUrl);
  try {
    const backEnd = await openBackEnd({ databaseUrl: limited, connections: 1 });
    await backEnd.listDomains().finally(() => backEnd.close());
    return limited;
  } catch {
    log.warn(
      `front ends have all rights of this database login: \`grant ${ROLE} to ${new URL(databaseUrl).username || 'it'} with set true\` would leave them those they need`,
    );
    return databaseUrl;
  }
}

function withRole(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options');
  url.searchParams.set('options', `${given === null ? '' : `${given} `}-c role=${ROLE}`);
  return url.href;
}
