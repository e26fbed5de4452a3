import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { CommandError } from '../command-error.ts';

/** What is imported; it can be read more than once, to be checked before anything is changed. */
export type Source = () => Readable;

/** A file, or stdin for `-`: that is kept in memory, since it comes only once. */
export async function openSource(file: string): Promise<Source> {
  if (file === '-') {
    const chunks = await Array.fromAsync(process.stdin as AsyncIterable<Buffer>);
    return () => Readable.from(chunks);
  }
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw new CommandError(`${file} cannot be read.`, { cause });
  }
  return () => createReadStream(file);
}
