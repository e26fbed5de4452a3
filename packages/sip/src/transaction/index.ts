export { MAGIC_COOKIE } from './branch.ts';
export type { ClientTransaction, ClientTransactionUser } from './client-transaction.ts';
export { type Clock, systemClock } from './clock.ts';
export { type ClientCertificate, type Flow, sendOn } from './flow.ts';
export { KeyHash } from './key-hash.ts';
export type { ServerTransaction, ServerTransactionEnd } from './server-transaction.ts';
export type { TransactionCounts } from './server-transactions.ts';
export { deriveTimers, TIMERS, type Timers } from './timers.ts';
export { sentBy, TransactionLayer, type TransactionLayerOptions } from './transaction-layer.ts';
