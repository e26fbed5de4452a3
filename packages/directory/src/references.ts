import type { LdapMessage } from './messages.ts';

/** A server with more of them is taken to have all elsewhere. */
const MOST = 1000;

/** Branches that a server has said are on other servers, which are not asked. */
export class References {
  readonly #branches = new Set<string>();

  /** Names of branches. */
  get branches(): readonly string[] {
    return [...this.#branches];
  }

  /**
   * A SearchResultReference (RFC 4511 §4.5.3). Its URLs name the branch as the other server has it: where that is not
   * plainly a name below `base`, all below `base` may be meant.
   */
  add({ body }: LdapMessage, base: string): void {
    while (body.remain > 0) {
      const branch = nameIn(body.readString() ?? '');
      const isKnown = branch !== undefined && isBelow(branch, base) && this.#branches.size < MOST;
      this.#branches.add(isKnown ? branch : base);
    }
  }
}

/** RFC 4516; undefined for a name that others may spell otherwise (RFC 4514 §2.4). */
function nameIn(url: string): string | undefined {
  const path = /^ldaps?:\/\/[^/?]*\/([^?]+)/i.exec(url)?.[1];
  try {
    const name = path && decodeURIComponent(path);
    return name && /^[ -[\]-~]+$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

function isBelow(name: string, base: string): boolean {
  const [inner, outer] = [name, base].map((dn) => dn.toLowerCase().replace(/\s*([,=])\s*/g, '$1')) as [string, string];
  return inner === outer || outer === '' || inner.endsWith(`,${outer}`);
}
