export const NOTE_LENGTH = 1_000;
export const TEXT_LENGTH = 200;

/** The beginning of a text, never half a character. */
export function bounded(text: string, maximum: number): string {
  if (text.length <= maximum) return text;
  const last = text.charCodeAt(maximum - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? maximum - 1 : maximum);
}
