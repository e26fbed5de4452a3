import { directoryShape, replicatorShape } from '@rollcall/directory';
import { databaseUrl, port, redisUrl, z } from '@rollcall/process';
import { validate } from 'node-cron';
import { CONTINUOUS } from './schedule.ts';

const error = 'must be a cron expression like */5 * * * *';

/** What a replicator is told of the directory. Spread it into the schema of a command that may start one. */
export const replicationShape = {
  ...directoryShape,
  ...replicatorShape,
  directorySchedule: replicatorShape.directorySchedule.refine((text) => text === CONTINUOUS || validate(text), {
    error: `${error}, or ${CONTINUOUS}`,
  }),
  directoryFullSchedule: replicatorShape.directoryFullSchedule.refine(validate, { error }),
};

/** What a replicator needs, wherever it runs. */
const replication = z.object({
  databaseUrl: databaseUrl(),
  /** Carries the bus instead of PostgreSQL. */
  redisUrl: redisUrl().optional(),
  ...replicationShape,
});

/** Of a replicator in a process of its own. Names are those of the flags and of the environment. */
export const replicatorSettings = replication.safeExtend({
  host: z.string().min(1).default('127.0.0.1'),
  httpPort: port().default(8081),
});

export type ReplicationSettings = Readonly<z.output<typeof replication>>;
