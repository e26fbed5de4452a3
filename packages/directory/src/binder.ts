import type { DirectorySettings } from './settings.ts';
import type { Binder } from './types.ts';

export function createBinder(_settings: DirectorySettings): Binder {
  throw new Error('to come');
}
