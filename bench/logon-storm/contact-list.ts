/** What a list subscription has told of one contact. */
export interface ToldState {
  open: boolean;
  note: string | undefined;
  onThePhone: boolean;
}

/** A list's notification (RFC 4662), read with few steps of its own: the formatter under load does not check itself. */
export interface ListNotification {
  version: number;
  fullState: boolean;
  /** By the URI of the contact; undefined: named, and nothing said. */
  states: Map<string, ToldState | undefined>;
}

/** @param text a NOTIFY. @throws when it is no list's */
export function readListNotification(text: string): ListNotification {
  const boundary = /^Content-Type: *multipart\/related[^\r]*;boundary="?([^";\r]+)/im.exec(text)?.[1];
  const list = /<list [^>]*version="(\d+)"[^>]*fullState="(\w+)"/.exec(text);
  if (boundary === undefined || !list) throw new Error(`no notification of a list:\n${text}`);
  const parts = new Map<string, string>();
  for (const part of text.split(`--${boundary}`).slice(1)) {
    const id = /^Content-ID: *<([^>]+)>/im.exec(part)?.[1];
    if (id) parts.set(id, part.slice(part.indexOf('\r\n\r\n') + 4));
  }
  const states = new Map<string, ToldState | undefined>();
  for (const [, uri, resource] of text.matchAll(/<resource uri="([^"]+)">(.*?)<\/resource>/gs)) {
    const part = parts.get(/ cid="([^"]+)"/.exec(resource!)?.[1] ?? '');
    states.set(uri!, part === undefined ? undefined : readState(part));
  }
  return { version: Number(list[1]), fullState: list[2] === 'true', states };
}

function readState(document: string): ToldState {
  return {
    open: document.includes('<basic>open</basic>'),
    note: /<(?:\w+:)?note[^>]*>([^<]*)</.exec(document)?.[1],
    onThePhone: document.includes('on-the-phone'),
  };
}
