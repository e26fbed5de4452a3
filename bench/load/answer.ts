/** A response as a load client reads it: with its own few lines, so that the parser under load does not check itself. */
export interface Answer {
  status: number;
  text: string;
  /** How often its request was sent again before it came. */
  retransmissions: number;
}

/** The value of the first header field of that (long) name. */
export function header(answer: Answer, name: string): string | undefined {
  return headers(answer, name)[0];
}

export function headers({ text }: Answer, name: string): string[] {
  return [...text.matchAll(new RegExp(`^${name}: *(.*?)\\r$`, 'gim'))].map((match) => match[1]!);
}

/** Status and Via branch of a response; undefined for anything else. */
export function readResponse(text: string): { status: number; branch: string } | undefined {
  const status = /^SIP\/2\.0 (\d{3}) /.exec(text)?.[1];
  const branch = /^Via:[^\r]*;branch=([^;,\r]+)/im.exec(text)?.[1];
  return status && branch ? { status: Number(status), branch } : undefined;
}
