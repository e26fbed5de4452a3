import { once } from 'node:events';
import { type BackEnd, openBackEnd } from '@rollcall/back-end';
import { ha1 } from '@rollcall/sip';
import { SipClient, startOpenLdap, type TestDatabase, type TestDirectory } from '@rollcall/test-kit';
import { type Replica, startReplica } from '../../bench/chaos/directory/replica.ts';
import { startFrontEndProcess } from '../front-end-processes.ts';
import { createPoolDatabase, DOMAIN } from './pool-database.ts';

export const USERS = 600;
const ALICE = { user: 'u00001', domain: DOMAIN, password: 'a word of her own' };

/** What of the directory a replica is told, when not the truth. */
export type Reached = Pick<TestDirectory, 'url' | 'base' | 'bind' | 'password'>;

/** A pool whose accounts follow a directory of USERS people, which has been replicated once. */
export interface Following {
  readonly database: TestDatabase;
  readonly directory: TestDirectory;
  readonly backEnd: BackEnd;
  /** A replica that runs every second, and waits one second for an answer. */
  follow(how?: Partial<Reached>, ...flags: string[]): Promise<Replica>;
  stopReplicas(): Promise<void>;
  /** Somebody of the directory has a phone. */
  canRegister(): Promise<boolean>;
  stop(): Promise<void>;
}

export async function startFollowing(): Promise<Following> {
  const database = await createPoolDatabase();
  const backEnd = await openBackEnd({ databaseUrl: database.url, connections: 2 });
  const directory = await startOpenLdap({ users: USERS });
  const replicas: Replica[] = [];
  const follow: Following['follow'] = async (how = {}, ...flags) => {
    const { url, base, bind, password } = directory;
    const replica = await startReplica({
      ...{ databaseUrl: database.replicatorUrl, directory: { url, base, bind, password, ...how } },
      flags: ['--directory-schedule', '* * * * * *', '--directory-timeout', '1', ...flags],
    });
    replicas.push(replica);
    return replica;
  };
  const stopReplicas = async () => {
    for (const replica of replicas.splice(0)) await replica.stop();
  };
  const { child, output } = await follow({}, '--once');
  if (child.exitCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(output());
  await stopReplicas();
  await backEnd.setPassword({ ...ALICE, ha1: { MD5: ha1('MD5', ALICE.user, DOMAIN, ALICE.password) } });
  const frontEnd = await startFrontEndProcess({ databaseUrl: database.frontEndUrl, domain: DOMAIN });
  return {
    ...{ database, directory, backEnd, follow, stopReplicas },
    async canRegister() {
      const phone = await SipClient.open(ALICE, { transport: 'TCP', to: frontEnd.addresses.tcp });
      try {
        return (await phone.register({ contacts: [phone.contact()] })).status === 200;
      } finally {
        await phone.close();
      }
    },
    async stop() {
      await frontEnd.stop();
      await backEnd.close();
      await directory.stop();
      await database.drop();
    },
  };
}

/** A figure of a replica as Prometheus reads it; 0 when it is not there. */
export async function figure(replica: Replica, sample: string): Promise<number> {
  const address = /"address":"([\d.]+:\d+)"/.exec(replica.output())?.[1];
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  const line = metrics.split('\n').find((one) => one.startsWith(`${sample} `));
  return line === undefined ? 0 : Number(line.slice(sample.length + 1));
}

/** Runs that failed so. */
export function failures(replica: Replica, code: string): Promise<number> {
  return figure(replica, `rollcall_directory_errors_total{code="${code}"}`);
}
