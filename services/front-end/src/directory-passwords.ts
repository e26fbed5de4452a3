import { randomUUID } from 'node:crypto';
import type { BackEnd, VerifiedCredentials } from '@rollcall/back-end';
import { type Binder, type BindResult, createBinder, DirectoryError, readDirectorySettings } from '@rollcall/directory';
import type { Log } from '@rollcall/process';
import { AttemptLimiter, makeAttempt } from '@rollcall/sip';
import type { FrontEndMetrics } from './metrics.ts';
import { outageLog } from './outage-log.ts';
import type { FrontEndSettings } from './settings.ts';

export type DirectoryVerdict =
  | { verdict: 'right'; account: VerifiedCredentials }
  /** Also: nobody of the directory, or disabled, here or there. */
  | { verdict: 'wrong' }
  /** Right, and the directory lets nobody in with it until it is changed, or not any more. */
  | { verdict: 'expired' }
  /** Nobody was asked. */
  | { verdict: 'slowed'; seconds: number }
  | { verdict: 'unavailable' };

/**
 * Directories lock an account out after some wrong passwords, and not in Rollcall alone: far fewer tries than a password of
 * Rollcall's has. Per front end, one a minute past the first five of strangers and the first five of an address that has
 * signed in before.
 */
const BURST = { burst: 5, forgiveSeconds: 60, maximumDelaySeconds: 300, maximumKeys: 50_000 };
const LIMITS = {
  ...{ pair: BURST, account: BURST, trusted: BURST },
  source: { burst: 100, forgiveSeconds: 0.5, maximumDelaySeconds: 10, maximumKeys: 50_000 },
};

export interface DirectoryPasswordsOptions {
  settings: FrontEndSettings;
  backEnd: Pick<BackEnd, 'findSignIn'>;
  metrics: FrontEndMetrics;
  log: Log;
}

/** Signing in with the directory's passwords, by LDAP bind: a password goes there and is not kept. */
export class DirectoryPasswords {
  readonly #options: DirectoryPasswordsOptions;
  readonly #binder: Binder;
  readonly #attempts = new AttemptLimiter(LIMITS);
  readonly #logOutage: (error: unknown) => void;

  constructor(options: DirectoryPasswordsOptions) {
    this.#options = options;
    // Nobody is bound but those who sign in.
    const nobody = { directoryBindDn: undefined, directoryPassword: undefined, directoryPasswordFile: undefined };
    this.#binder = createBinder(readDirectorySettings({ ...options.settings, ...nobody }));
    this.#logOutage = outageLog(options.log, 'the directory');
  }

  close(): Promise<void> {
    return this.#binder.close();
  }

  /**
   * Whoever is not to be let in takes the same way as somebody with a wrong password, to the directory and back, so that
   * time tells nothing of the account.
   */
  async check(address: { user: string; domain: string }, password: string, source: string): Promise<DirectoryVerdict> {
    const attempt = makeAttempt(source, `${address.user}@${address.domain}`);
    const seconds = this.#attempts.begin(attempt, Date.now());
    if (seconds > 0) return { verdict: 'slowed', seconds };
    let outcome: 'succeeded' | 'failed' | 'undecided' = 'undecided';
    try {
      const account = await this.#options.backEnd.findSignIn(address);
      const mayEnter = account?.enabled && account.followsDirectory;
      const signInName = (mayEnter && account.signInName) || undefined;
      const said = await this.#binder.check(signInName ?? this.#nobody(), password);
      const result: BindResult = signInName === undefined ? 'wrong' : said;
      outcome = result === 'right' ? 'succeeded' : 'failed';
      this.#options.metrics.directoryBind(result);
      this.#options.log.debug({ account: attempt.account, result }, 'asked the directory');
      if (result === 'expired' || result === 'must_change') return { verdict: 'expired' };
      if (result !== 'right' || !account) return { verdict: 'wrong' };
      const { accountId, credentialVersion } = account;
      return { verdict: 'right', account: { accountId, credentialVersion } };
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      this.#options.metrics.directoryBind(error.code);
      this.#logOutage(error);
      return { verdict: 'unavailable' };
    } finally {
      this.#attempts.end(attempt, outcome, Date.now());
    }
  }

  /** Whom there is not. */
  #nobody(): string {
    const { directoryBase } = this.#options.settings;
    return `cn=${randomUUID()}${directoryBase === undefined ? '' : `,${directoryBase}`}`;
  }
}
