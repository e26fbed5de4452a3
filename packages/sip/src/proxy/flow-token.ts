import type { NonceKey } from '../auth/index.ts';

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

/** The user part of a Route value for the front end that holds the flow. The same target always has the same token. */
export function makeFlowToken(_target: FlowTokenTarget, _key: NonceKey): string {
  throw new Error('not yet');
}

/** Reads what `makeFlowToken` made; undefined for anything else, forged ones included. */
export function readFlowToken(_user: string, _keys: readonly NonceKey[]): FlowTokenTarget | undefined {
  throw new Error('not yet');
}
