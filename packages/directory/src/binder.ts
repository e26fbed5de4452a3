import type { Control } from 'ldapts';
import type { Result } from './answers.ts';
import { DirectoryConnection } from './connection.ts';
import { control, readValue } from './controls.ts';
import { DirectoryError, resultError, timeoutError } from './errors.ts';
import type { DirectoryServer, DirectorySettings } from './settings.ts';
import type { Binder, BindResult } from './types.ts';

/** Binds at once, and connections kept for the next ones. */
const AT_ONCE = 32;
const KEPT = 8;
const KEPT_MS = 30_000;
/** For so long a server that failed is asked after the others. */
const AVOIDED_MS = 30_000;

/** draft-behera-ldap-password-policy §6: asked for with the bind, it says more than "invalid credentials". */
const PASSWORD_POLICY = '1.3.6.1.4.1.42.2.27.8.5.1';

/** @param options.now a clock in ms */
export function createBinder(settings: DirectorySettings, { now = Date.now }: { now?: () => number } = {}): Binder {
  const idle: { connection: DirectoryConnection; since: number }[] = [];
  const failedAt = new Map<DirectoryServer, number>();
  const waiting: (() => void)[] = [];
  let atWork = 0;
  let closed = false;

  async function check(signInName: string, password: string): Promise<BindResult> {
    // RFC 4513 §5.1.1, §5.1.2: with an empty name or password a bind succeeds and proves nothing.
    if (signInName === '' || password === '') return 'wrong';
    await begin();
    try {
      return await checkSomewhere(signInName, password);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else atWork -= 1;
    }
  }

  async function begin(): Promise<void> {
    if (closed) throw new DirectoryError('unreachable', 'Passwords are not checked any more: this is stopping.');
    if (atWork >= AT_ONCE) return turn();
    atWork += 1;
  }

  function turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(timeoutError(settings.servers.map(({ url }) => url).join(', '), settings.timeoutMs));
      }, settings.timeoutMs);
      waiting.push(go);
    });
  }

  async function checkSomewhere(signInName: string, password: string): Promise<BindResult> {
    for (let kept = takeIdle(); kept; kept = takeIdle()) {
      try {
        return await bindOn(kept, signInName, password);
      } catch (error) {
        // The server may have closed it long ago, which says nothing; one that hangs is asked last.
        const code = error instanceof DirectoryError ? error.code : undefined;
        if (code !== 'unreachable' && code !== 'timeout') throw error;
        if (code === 'timeout') avoid(kept.server);
      }
    }
    let failed: unknown;
    for (const server of serversInTurn()) {
      try {
        const result = await bindOn(await DirectoryConnection.open(server, settings), signInName, password);
        failedAt.delete(server);
        return result;
      } catch (error) {
        failed ??= error;
        avoid(server);
      }
    }
    throw failed;
  }

  async function bindOn(connection: DirectoryConnection, signInName: string, password: string): Promise<BindResult> {
    let result: BindResult;
    try {
      const policy: Control = control(PASSWORD_POLICY, undefined, false);
      result = readResult(connection.server.url, await connection.bind(signInName, password, [policy]));
    } catch (error) {
      connection.close();
      throw error;
    }
    if (closed || idle.length >= KEPT) connection.close();
    else idle.push({ connection, since: now() });
    return result;
  }

  function avoid(server: DirectoryServer): void {
    failedAt.set(server, now());
    for (const kept of idle.splice(0)) {
      if (kept.connection.server === server) kept.connection.close();
      else idle.push(kept);
    }
  }

  function takeIdle(): DirectoryConnection | undefined {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      if (kept.connection.isOpen && now() - kept.since < KEPT_MS) return kept.connection;
      kept.connection.close();
    }
    return undefined;
  }

  function serversInTurn(): DirectoryServer[] {
    const isAvoided = (server: DirectoryServer) =>
      now() - (failedAt.get(server) ?? Number.NEGATIVE_INFINITY) < AVOIDED_MS;
    return settings.servers.toSorted((a, b) => Number(isAvoided(a)) - Number(isAvoided(b)));
  }

  return {
    check,
    async close() {
      closed = true;
      for (const { connection } of idle.splice(0)) connection.close();
    },
  };
}

// What Active Directory says behind "data" in the text of invalidCredentials (49): Windows error codes in hex.
const ACTIVE_DIRECTORY_SAYS: Readonly<Record<string, BindResult>> = {
  '533': 'disabled', // ERROR_ACCOUNT_DISABLED
  '532': 'expired', // ERROR_PASSWORD_EXPIRED
  '701': 'expired', // ERROR_ACCOUNT_EXPIRED
  '773': 'must_change', // ERROR_PASSWORD_MUST_CHANGE
  '775': 'locked', // ERROR_ACCOUNT_LOCKED_OUT
};
const POLICY_SAYS: readonly (BindResult | undefined)[] = ['expired', 'locked', 'must_change'];

function readResult(url: string, { code, said, controls }: Result): BindResult {
  const policy = controls.get(PASSWORD_POLICY);
  const reason = policy && POLICY_SAYS[readPolicyError(policy) ?? -1];
  switch (code) {
    case 0:
      return reason ?? 'right';
    case 49:
      return reason ?? ACTIVE_DIRECTORY_SAYS[/\bdata ([0-9a-f]+)/i.exec(said)?.[1]?.toLowerCase() ?? ''] ?? 'wrong';
    case 32: // the entry is gone
    case 34: // what Active Directory or a person's name makes of a DN
      return 'wrong';
    case 53:
      // 389 Directory Server: "Account inactivated. Contact system administrator."
      if (/inactivated|disabled|locked/i.test(said)) return 'disabled';
  }
  throw resultError(url, code, said);
}

/** SEQUENCE { warning [0] OPTIONAL, error [1] ENUMERATED OPTIONAL } */
function readPolicyError(value: Buffer): number | undefined {
  return readValue(value, (reader) => {
    reader.readSequence();
    if (reader.peek() === 0xa0) reader.readString(0xa0, true);
    return reader.peek() === 0x81 ? reader.readString(0x81, true)?.[0] : undefined;
  });
}
