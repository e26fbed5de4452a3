import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSipp } from '../../bench/measure/sipp.ts';
import { call, signIn } from '../http/http-client.ts';
import { type ComposeProject, composeProject, findCompose } from './compose-project.ts';
import { readDashboard } from './dashboard.ts';

const SCENARIO = new URL('../../bench/scenarios/register-auth.xml', import.meta.url).pathname;
const ROOT = new URL('../../', import.meta.url).pathname;
const USERS = 60;
const COMPOSE = await findCompose();

let project: ComposeProject;
let folder: string;

interface Listed {
  state: string;
  addresses: Record<string, string>;
}

async function register(concurrency: number) {
  const calls = { scenario: SCENARIO, users: join(folder, 'users.csv'), target: project.addresses.tcp, calls: USERS };
  return runSipp({ ...calls, concurrency, transport: 'tn', timeoutSeconds: 60 });
}

describe.skipIf(!COMPOSE)('docker compose up --scale front-end=3', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-compose-'));
    project = await composeProject(COMPOSE!);
    await project.compose(['up', '-d', '--build', '--scale', 'front-end=3']);
    const names = Array.from({ length: USERS }, (_, index) => `u${index + 1}`);
    const accounts = names.map((user) => `${user}@${project.domain},secret-${user}\n`).join('');
    await project.compose(['run', '--rm', '-T', 'rollcall', 'account', 'import', '-'], accounts);
    const lines = names.map((user) => `${user};[authentication username=${user} password=secret-${user}]`);
    await writeFile(join(folder, 'users.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`);
  }, 600_000);

  afterAll(async () => {
    await project?.remove();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  it('has three front ends, each with an address of its own', { timeout: 60_000 }, async () => {
    const frontEnds = JSON.parse(await project.rollcall('front-ends', '--json')) as Listed[];
    expect(frontEnds.map(({ state }) => state)).toEqual(['serving', 'serving', 'serving']);
    expect(new Set(frontEnds.map(({ addresses }) => addresses.tcp)).size).toBe(3);
    // Where they reach each other.
    const internal = frontEnds.map(({ addresses }) =>
      addresses.internal!.slice(0, addresses.internal!.lastIndexOf(':')),
    );
    expect(new Set(internal).size).toBe(3);
    expect(internal).not.toContain('0.0.0.0');
    expect((await fetch(`http://${project.addresses.http}/healthz`)).status).toBe(200);
  });

  it('registers SIPp through the VIP, and goes on when a front end is killed', { timeout: 120_000 }, async () => {
    expect(await register(10)).toMatchObject({ succeeded: USERS, failed: 0 });
    const container = (await project.compose(['ps', '-q', 'front-end'])).trim().split('\n')[0]!;
    await promisify(execFile)('docker', ['kill', container]);
    // The first calls may meet the dead one: SIPp does not try again, a phone would.
    const during = await register(5);
    expect(during.succeeded).toBeGreaterThan(USERS * 0.8);
    const listed = async () => (JSON.parse(await project.rollcall('front-ends', '--json')) as Listed[]).length;
    await expect.poll(listed, { timeout: 30_000 }).toBe(2);
    expect(await register(10)).toMatchObject({ succeeded: USERS, failed: 0 });
    const endpoints = JSON.parse(await project.rollcall('endpoints', '--json')) as { account: string }[];
    expect(new Set(endpoints.map(({ account }) => account)).size).toBe(USERS);
  });

  describe('and then up with Redis, a directory and Prometheus in .env', () => {
    beforeAll(async () => {
      project.set({ ROLLCALL_FRONT_ENDS: '3', ROLLCALL_REDIS_URL: 'redis://redis:6379', ...(await sampleDirectory()) });
      await project.compose(['up', '-d', 'haproxy', 'redis', 'openldap', 'user-replicator', 'prometheus']);
    }, 300_000);

    /** The values that Prometheus has for a query. */
    async function query(expression: string): Promise<number[]> {
      const url = `http://${project.addresses.prometheus}/api/v1/query?${new URLSearchParams({ query: expression })}`;
      const body = (await (await fetch(url)).json()) as { error?: string; data: { result: { value: [0, string] }[] } };
      if (body.error) throw new Error(`${expression}: ${body.error}`);
      return body.data.result.map(({ value }) => Number(value[1]));
    }
    const redis = (...words: string[]) => project.compose(['exec', '-T', 'redis', 'redis-cli', ...words]);
    const busesConnected = () => query('sum(rollcall_bus_connected)');

    /** Three phones of one new account, on several front ends. */
    async function phonesOf(user: string): Promise<SipClient[]> {
      const account = { user, domain: project.domain, password: 'secret' };
      await project.rollcall('account', 'add', `sip:${user}@${project.domain}`, '--password', 'secret');
      const phones: SipClient[] = [];
      for (let phone = 0; phone < 3; phone += 1) {
        const client = await SipClient.open(account, { transport: 'TCP', to: project.addresses.tcp });
        expect((await client.register({ contacts: [client.contact()] })).status).toBe(200);
        phones.push(client);
      }
      const listed = JSON.parse(await project.rollcall('endpoints', `sip:${user}@${project.domain}`, '--json'));
      expect(new Set(listed.map((one: { frontEndId: number }) => one.frontEndId)).size).toBeGreaterThan(1);
      return phones;
    }
    const allEnded = (phones: readonly SipClient[]) => Promise.all(phones.map(({ connection }) => connection.ended));

    it('every part gets healthy', { timeout: 90_000 }, async () => {
      const states = () =>
        Promise.all(['front-end', 'redis', 'openldap', 'user-replicator', 'prometheus'].map(project.health));
      await expect
        .poll(states, { timeout: 60_000, interval: 1000 })
        .toEqual([['healthy', 'healthy', 'healthy'], ['healthy'], ['healthy'], ['healthy', 'healthy'], ['healthy']]);
    });

    it('Prometheus reads all front ends and the balancer', { timeout: 60_000 }, async () => {
      const targets = async () => {
        const answer = await fetch(`http://${project.addresses.prometheus}/api/v1/targets`);
        const { data } = (await answer.json()) as {
          data: { activeTargets: { labels: { job: string }; health: string }[] };
        };
        return data.activeTargets.map(({ labels, health }) => `${labels.job} ${health}`).toSorted();
      };
      await expect
        .poll(targets, { timeout: 45_000, interval: 500 })
        .toEqual([
          ...['front-end up', 'front-end up', 'front-end up', 'haproxy up'],
          ...['user-replicator up', 'user-replicator up'],
        ]);
    });

    it('an account that is disabled on one front end is off the others within a second, by way of Redis', {
      timeout: 90_000,
    }, async () => {
      await expect.poll(busesConnected, { timeout: 30_000, interval: 500 }).toEqual([3]);
      // Three front ends and two replicators.
      expect((await redis('PUBSUB', 'NUMSUB', 'rollcall:0')).split(/\s+/)).toEqual(['rollcall:0', '5', '']);
      expect((await redis('CLIENT', 'LIST')).match(/name=rollcall-bus .* sub=1 /g)).toHaveLength(5);

      const root = { user: 'root', domain: project.domain, password: 'secret of root' };
      await project.rollcall('account', 'add', '--admin', 'sip:root@pool.test', '--password', root.password);
      const phones = await phonesOf('alice');
      const { accessToken: token } = await signIn(project, root);
      const path = `/v1/accounts/alice@${project.domain}`;
      expect((await call(project, `PATCH ${path}`, { token, body: { enabled: false } })).status).toBe(200);
      const started = performance.now();
      await allEnded(phones);
      expect(performance.now() - started).toBeLessThan(1000);
    });

    it('the account commands tell the front ends over Redis too', { timeout: 90_000 }, async () => {
      const phones = await phonesOf('bob');
      const published = async () =>
        Number(/cmdstat_publish:calls=(\d+)/.exec(await redis('INFO', 'commandstats'))?.[1]);
      const before = await published();
      await project.rollcall('account', 'disable', `sip:bob@${project.domain}`);
      const started = performance.now();
      await allEnded(phones);
      expect(performance.now() - started).toBeLessThan(1000);
      expect(await published()).toBeGreaterThan(before);
    });

    it('the dashboard of Grafana gets values for each of its queries', { timeout: 90_000 }, async () => {
      const mallory = { user: 'u1', domain: project.domain, password: 'wrong' };
      const client = await SipClient.open(mallory, { transport: 'TCP', to: project.addresses.tcp });
      await client.register();
      client.connection.send('no SIP\r\n\r\n');
      await register(10);
      for (const one of (await readDashboard()).queries)
        await expect.poll(async () => (await query(one)).length, { timeout: 30_000, message: one }).toBeGreaterThan(0);
      await client.close();
    });

    it('while Redis is away registrations go on, and its return is noticed', { timeout: 120_000 }, async () => {
      await project.compose(['stop', 'redis']);
      await expect.poll(busesConnected, { timeout: 30_000, interval: 500 }).toEqual([0]);
      expect(await register(10)).toMatchObject({ succeeded: USERS, failed: 0 });
      await project.compose(['start', 'redis']);
      await expect.poll(busesConnected, { timeout: 45_000, interval: 500 }).toEqual([3]);
    });

    it('people of the directory have accounts, and who is renamed there gets the new address', {
      timeout: 120_000,
    }, async () => {
      const accounts = async () =>
        (JSON.parse(await project.rollcall('account', 'list', '--json')) as { account: string; role: string }[])
          .filter(({ account }) => /^sip:(ada|grace|jonas)/.test(account))
          .map(({ account, role }) => `${role} ${account}`)
          .toSorted();
      const people = ['admin sip:ada@pool.test', 'user sip:grace@pool.test', 'user sip:jonas@pool.test'];
      await expect.poll(accounts, { timeout: 60_000, interval: 1000 }).toEqual(people);
      const administrator = ['-D', 'cn=admin,dc=pool,dc=test', '-w', 'directory'];
      const modify = ['ldapmodify', '-x', '-H', 'ldap://localhost', ...administrator];
      const change = 'dn: uid=grace,ou=people,dc=pool,dc=test\nreplace: mail\nmail: grace.nguyen@pool.test\n';
      await project.compose(['exec', '-T', 'openldap', ...modify], change);
      const renamed = people.with(1, 'user sip:grace.nguyen@pool.test');
      await expect.poll(accounts, { timeout: 60_000, interval: 1000 }).toEqual(renamed);
    });
  });
});

/** docker/openldap/sample.env for the domain of the test, with a run every second. */
async function sampleDirectory(): Promise<Record<string, string>> {
  const own = join(folder, 'directory');
  await mkdir(own, { mode: 0o755 });
  const write = async (name: string) => {
    const text = await readFile(join(ROOT, 'docker/openldap', name), 'utf8');
    return text.replaceAll('dc=example,dc=org', 'dc=pool,dc=test').replaceAll('example.org', 'pool.test');
  };
  await writeFile(join(own, 'mapping.json'), await write('mapping.json'));
  const lines = (await write('sample.env')).match(/^[A-Z_]+=.*$/gm)!;
  return {
    ...Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
    ...{ ROLLCALL_DIRECTORY_SCHEDULE: '* * * * * *', ROLLCALL_DIRECTORY_FOLDER: own },
  };
}
