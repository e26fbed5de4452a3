import type { DirectorySettings } from './settings.ts';
import type { DirectorySource } from './types.ts';

/** @throws DirectoryError when no server can be asked what it is */
export async function openSource(_settings: DirectorySettings): Promise<DirectorySource> {
  throw new Error('to come');
}
