export { NO_PROGRESS, type Progress, showProgress } from './progress.ts';
export { type ReplicationSettings, replicationShape, replicatorSettings } from './settings.ts';
export {
  type RunningUserReplicator,
  replicateOnce,
  startUserReplicator,
  type UserReplicatorOptions,
} from './user-replicator.ts';
export type { EndedRun } from './worker.ts';
