import type { EventPackage, Notification, Resource } from '@rollcall/back-end';
import { formatList } from '@rollcall/presence';
import { newTag } from '../sip/answer.ts';
import { formatDocument } from './format-document.ts';
import { NOTHING, type NotifyBody } from './notify-text.ts';

/** Documents of presence that are kept, one an account and level; and their characters, whoever makes them large. */
const MAXIMUM = 10_000;
const MAXIMUM_CHARACTERS = 32 << 20;

interface Kept {
  readonly version: number;
  readonly text: string;
  readonly contentType: string;
  /** Made when it is first sent by itself. */
  body?: NotifyBody;
}

/** What notifications say. Watchers of one level are told the same, so a document is made once for each version. */
export class Bodies {
  readonly #kept = new Map<string, Kept>();
  #characters = 0;
  readonly #xcapRoot: string;

  constructor({ xcapRoot }: { xcapRoot: string }) {
    this.#xcapRoot = xcapRoot;
  }

  of(notification: Notification): NotifyBody {
    if (notification.isList) return this.#list(notification);
    const resource = notification.resources[0];
    if (!resource) return NOTHING;
    const document = this.#document(notification.event, resource, notification.version);
    document.body ??= { head: `Content-Type: ${document.contentType}\r\n`, bytes: Buffer.from(document.text) };
    return document.body;
  }

  #list({ target, version, full, resources }: Notification): NotifyBody {
    const { contentType, body } = formatList(
      {
        ...{ uri: `sip:${target};list=contacts`, version, fullState: full },
        resources: resources.map((resource) => {
          const { text, contentType } = this.#document('presence', resource, version);
          const { accountId, address, name } = resource;
          return {
            uri: `sip:${address}`,
            ...(name !== undefined && { name }),
            cid: `a${accountId}`,
            instanceState: 'active' as const,
            ...{ body: text, contentType },
          };
        }),
      },
      // Nobody can have put into a document what ends its part.
      newTag(),
    );
    return { head: `Content-Type: ${contentType}\r\n`, bytes: body };
  }

  #document(event: EventPackage, resource: Resource, notified: number): Kept {
    // The others count the notifications of their subscription, or are found at the moment of asking.
    if (event !== 'presence')
      return { version: 0, ...formatDocument(event, resource, { notified, xcapRoot: this.#xcapRoot }) };
    const { accountId, address, level, version } = resource;
    const key = `${level} ${accountId} ${address}`;
    const kept = this.#kept.get(key);
    if (kept?.version === version) return kept;
    const made: Kept = { version, ...formatDocument(event, resource, { notified, xcapRoot: this.#xcapRoot }) };
    if (kept) this.#drop(key, kept);
    this.#kept.set(key, made);
    this.#characters += made.text.length;
    for (const [oldest, document] of this.#kept) {
      if (this.#kept.size <= MAXIMUM && this.#characters <= MAXIMUM_CHARACTERS) break;
      this.#drop(oldest, document);
    }
    return made;
  }

  #drop(key: string, { text }: Kept): void {
    this.#kept.delete(key);
    this.#characters -= text.length;
  }
}
