import { timingSafeEqual } from 'node:crypto';
import { type Hmac, hmacSha256, type NonceKey } from '../auth/index.ts';

/** A flow that another front end holds, and whose it is. */
export interface FlowTokenTarget {
  frontEndId: number;
  /** `Flow.id` */
  flow: string;
  accountId: number;
  endpointId: number;
  /** As in a dialog token. */
  instanceHash: string;
}

export const FLOW_TOKEN_PREFIX = 'flw.';
// length of the flow (1) | key id (1) | frontEndId (6) | accountId (6) | endpointId (6) | instanceHash (8) | flow
const FLOW_AT = 28;
const MAXIMUM_FLOW = 255;
// The first half of an HMAC-SHA256, over the prefix and the bytes above.
const MAC_BYTES = 16;
// What is authenticated is filled up to a multiple of this, so that few lengths occur.
const BLOCK = 64;
const NO_INSTANCE = '0000000000000000';

const scratch = Buffer.alloc(FLOW_TOKEN_PREFIX.length + FLOW_AT + MAXIMUM_FLOW + BLOCK + MAC_BYTES);
const written = scratch.subarray(scratch.write(FLOW_TOKEN_PREFIX, 'latin1'));

/**
 * The user part of a Route value for the front end that holds the flow. The same target always has the same token.
 * @throws RangeError when the id of the flow is longer than 255 characters
 */
export function makeFlowToken(target: FlowTokenTarget, key: NonceKey): string {
  const { flow } = target;
  if (flow.length > MAXIMUM_FLOW) throw new RangeError('The id of the flow is too long');
  written[0] = flow.length;
  written[1] = key.id;
  written.writeUIntBE(target.frontEndId, 2, 6);
  written.writeUIntBE(target.accountId, 8, 6);
  written.writeUIntBE(target.endpointId, 14, 6);
  written.write(target.instanceHash || NO_INSTANCE, 20, 'hex');
  written.write(flow, FLOW_AT, 'latin1');
  const end = FLOW_AT + flow.length;
  macOf(key, end).copy(written, end, 0, MAC_BYTES);
  return FLOW_TOKEN_PREFIX + written.toString('base64url', 0, end + MAC_BYTES);
}

/** Reads what `makeFlowToken` made; undefined for anything else, forged ones included. */
export function readFlowToken(user: string, keys: readonly NonceKey[]): FlowTokenTarget | undefined {
  if (!user.startsWith(FLOW_TOKEN_PREFIX)) return undefined;
  const token = Buffer.from(user.slice(FLOW_TOKEN_PREFIX.length), 'base64url');
  const end = token.length - MAC_BYTES;
  if (end !== FLOW_AT + (token[0] ?? 0)) return undefined;
  const key = keys.find(({ id }) => id === token[1]);
  if (!key) return undefined;
  token.copy(written, 0, 0, end);
  if (!timingSafeEqual(macOf(key, end).subarray(0, MAC_BYTES), token.subarray(end))) return undefined;
  const instanceHash = token.toString('hex', 20, FLOW_AT);
  return {
    frontEndId: token.readUIntBE(2, 6),
    accountId: token.readUIntBE(8, 6),
    endpointId: token.readUIntBE(14, 6),
    instanceHash: instanceHash === NO_INSTANCE ? '' : instanceHash,
    flow: token.toString('latin1', FLOW_AT, end),
  };
}

/** Kept as long as the key is. */
const macs = new WeakMap<Buffer, Hmac[]>();

/** The code of the first `end` bytes that are written. */
function macOf({ secret }: NonceKey, end: number): Buffer {
  const blocks = Math.ceil((FLOW_TOKEN_PREFIX.length + end) / BLOCK);
  const length = blocks * BLOCK;
  scratch.fill(0, FLOW_TOKEN_PREFIX.length + end, length);
  let ofKey = macs.get(secret);
  if (!ofKey) {
    ofKey = [];
    macs.set(secret, ofKey);
  }
  ofKey[blocks] ??= hmacSha256(secret, length);
  return ofKey[blocks](scratch.subarray(0, length));
}
