/** Start line, header fields and body of a message, with a plain client's own few lines and not with packages/sip. */
export interface SipFields {
  readonly startLine: string;
  readonly body: string;
  /** The first header field of that name, any case. */
  header(name: string): string | undefined;
  /** Each header field line of that name. */
  headers(name: string): string[];
}

/** One letter each in place of a name (RFC 3261 §7.3.3). */
const COMPACT: Readonly<Record<string, string>> = {
  ...{
    v: 'via',
    f: 'from',
    t: 'to',
    i: 'call-id',
    m: 'contact',
    l: 'content-length',
    c: 'content-type',
    k: 'supported',
  },
};

export function readFields(text: string): SipFields {
  const end = text.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const fields = lines.map((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    return { name: COMPACT[name] ?? name, value: line.slice(colon + 1).trim() };
  });
  const headers = (name: string) => fields.filter((f) => f.name === name.toLowerCase()).map((f) => f.value);
  return { startLine, body: end < 0 ? '' : text.slice(end + 4), header: (name) => headers(name)[0], headers };
}

/** The values of lines that may list several, e.g. of Record-Route. */
export function valuesOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(/,(?![^<]*>)/)).map((value) => value.trim());
}

/** What stands in angle brackets, or the value before its parameters. */
export function uriOf(value: string): string {
  return /<([^>]*)>/.exec(value)?.[1] ?? value.split(';', 1)[0]!.trim();
}
