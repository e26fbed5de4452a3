/** What was sent in a turn is written before its end when it is as much as this. */
export const WRITE_BYTES = 1 << 16;

/** What gathers what it sends. */
interface Writer {
  write(): void;
}

let writers: Writer[] = [];

/**
 * Has `writer` write once this turn of the event loop has read its sockets: one immediate for all that want it. With
 * nothing else to read that is at once, so a lone message does not wait.
 */
export function writeAtTurnEnd(writer: Writer): void {
  if (writers.length === 0) setImmediate(writeAll);
  writers.push(writer);
}

function writeAll(): void {
  const due = writers;
  writers = [];
  for (const writer of due) writer.write();
}
