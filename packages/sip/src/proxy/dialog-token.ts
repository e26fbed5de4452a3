import { seal, unseal } from '../auth/index.ts';
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
// accountId (8) | endpointId (8) | instanceHash (8)
const TARGET_BYTES = 24;
const NO_INSTANCE = '0000000000000000';

/** The user part of a Record-Route value of ours. Only requests with this Call-ID can use it. */
export function makeDialogToken(
  { accountId, endpointId, instanceHash, callId }: DialogTokenTarget & { callId: string },
  key: GruuKey,
  random: (bytes: number) => Buffer,
): string {
  const plain = Buffer.alloc(TARGET_BYTES);
  plain.writeUIntBE(accountId, 2, 6);
  plain.writeUIntBE(endpointId, 10, 6);
  plain.write(instanceHash, 16, 'hex');
  return DIALOG_TOKEN_PREFIX + seal(plain, key, random, DIALOG_TOKEN_PREFIX + callId);
}

/** Reads what `makeDialogToken` made for this Call-ID; undefined for anything else, forged ones included. */
export function readDialogToken(user: string, callId: string, keys: readonly GruuKey[]): DialogTokenTarget | undefined {
  if (!user.startsWith(DIALOG_TOKEN_PREFIX)) return undefined;
  const text = user.slice(DIALOG_TOKEN_PREFIX.length);
  const plain = unseal(text, TARGET_BYTES, keys, DIALOG_TOKEN_PREFIX + callId);
  if (!plain) return undefined;
  const instanceHash = plain.toString('hex', 16, 24);
  return {
    accountId: plain.readUIntBE(2, 6),
    endpointId: plain.readUIntBE(10, 6),
    instanceHash: instanceHash === NO_INSTANCE ? '' : instanceHash,
  };
}
