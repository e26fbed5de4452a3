import type { GruuKey } from '../gruu/index.ts';

/** Who takes part in a dialog. */
export interface DialogTokenTarget {
  accountId: number;
  /** 0 for a sender that has not registered. */
  endpointId: number;
  /** The first 8 bytes of the SHA-256 of its instance, in hexadecimal; '' when it has none. */
  instanceHash: string;
}

export const DIALOG_TOKEN_PREFIX = 'dlg.';

/** The user part of a Record-Route value of ours. Only requests with this Call-ID can use it. */
export function makeDialogToken(
  _target: DialogTokenTarget & { callId: string },
  _key: GruuKey,
  _random: (bytes: number) => Buffer,
): string {
  throw new Error('not yet');
}

/** Reads what `makeDialogToken` made for this Call-ID; undefined for anything else, forged ones included. */
export function readDialogToken(
  _user: string,
  _callId: string,
  _keys: readonly GruuKey[],
): DialogTokenTarget | undefined {
  throw new Error('not yet');
}
