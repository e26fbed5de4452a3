import { networkInterfaces } from 'node:os';
import { hostOf } from '../host-port.ts';

const RELOAD_MS = 5000;
/** Bounds what a flood of made-up names can make the back end do. */
const MISS_RELOAD_MS = 1000;

export interface DomainsOptions {
  /** The domain that the server's own addresses stand for. */
  own: string;
  /** Addresses that the front end listens on; a wildcard stands for all of the machine's. */
  addresses: string[];
  /** Reads the pool's domains from the back end. */
  load(): Promise<string[]>;
  now(): number;
}

/**
 * Which domain of the pool a host part means. The server's own addresses are names of its own domain, since load
 * tools and simple phones write `sip:alice@192.0.2.1:5060`.
 */
export class Domains {
  readonly #options: DomainsOptions;
  readonly #addresses: Set<string>;
  #names = new Set<string>();
  #loadedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | undefined;

  constructor(options: DomainsOptions) {
    this.#options = options;
    this.#addresses = new Set(['localhost', ...options.addresses.flatMap(meant)]);
  }

  /**
   * The domain's name, lower case; undefined when the pool does not serve it. `host` as SipUri has it; `reached` is
   * the address that the client has connected to, which may be a balancer's.
   */
  async find(host: string, reached?: string): Promise<string | undefined> {
    const known = this.known(host, reached);
    if (known !== undefined) return known;
    if (this.#age > MISS_RELOAD_MS) await this.reload();
    return this.#known(host, reached);
  }

  /** As `find`, of the names read before: what every request asks first need not wait for anything. */
  known(host: string, reached?: string): string | undefined {
    const known = this.#known(host, reached);
    // Nobody waits for the reload of a name that is known, so that challenges go on while the back end is away.
    if (known !== undefined && this.#age > RELOAD_MS) void this.reload().catch(() => {});
    return known;
  }

  get #age(): number {
    return this.#options.now() - this.#loadedAt;
  }

  #known(host: string, reached: string | undefined): string | undefined {
    if (this.#names.has(host)) return host;
    const own = this.#addresses.has(host) || (reached !== undefined && host === hostOf(reached));
    return own ? this.#options.own : undefined;
  }

  reload(): Promise<void> {
    this.#loading ??= this.#options
      .load()
      .then((names) => {
        this.#names = new Set(names);
        this.#loadedAt = this.#options.now();
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }
}

function meant(address: string): string[] {
  const all = () => Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
  const addresses = address === '0.0.0.0' || address === '::' ? all() : [address];
  return addresses.map((one) => (one.includes(':') ? `[${one.toLowerCase()}]` : one.toLowerCase()));
}
