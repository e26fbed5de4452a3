import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Rollcall, runRollcall, startRollcall } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProgram } from '../clients/program.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const run = promisify(execFile);
const page = (name: string) => readFile(join(ROOT, name), 'utf8');

let folder: string;
let rollcall: Rollcall;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-docs-'));
  rollcall = await startRollcall({ data: join(folder, 'data') });
});

afterAll(async () => {
  await rollcall?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The shell blocks of a page, as a reader would paste them, with the values of this run in place of the examples. */
async function blocks(name: string): Promise<string[]> {
  const passwordOf = (name: string) => rollcall.accounts.find(({ user }) => user === name)!.password;
  return [...(await page(name)).matchAll(/```sh\n([\s\S]*?)```/g)].map((match) =>
    match[1]!
      .replaceAll('PASSWORD', passwordOf('alice'))
      .replaceAll('BOBS-WORD', passwordOf('bob'))
      .replaceAll('/tmp/phones', join(folder, 'phones'))
      .replaceAll('127.0.0.1:5060', rollcall.addresses.udp)
      .replaceAll('127.0.0.1:8080', rollcall.addresses.http)
      .replaceAll(/npm run rollcall -- (.*?)(\s+#.*)?$/gm, `npm run --silent rollcall -- $1 --data ${rollcall.data}`)
      .replaceAll('users.csv', join(folder, 'users.csv')),
  );
}

describe('README', () => {
  it('shows how to register and to see who is registered, and it works', async () => {
    const block = (await blocks('README.md')).find((text) => text.includes('sipsak -U'));
    const { stdout } = await run('sh', ['-ec', block!], { cwd: ROOT, env: { ...process.env, TERM: 'dumb' } });
    expect(stdout).toContain('sip:alice@127.0.0.1:7000');
  });

  it('shows how to follow a contact, and it works', async () => {
    const block = (await blocks('README.md')).find((text) => text.includes('/v1/presence/bob@localhost'));
    // The stream would go on: curl leaves it after its time, with a status of its own.
    const { stdout } = await run('bash', ['-c', `${block}\ntrue`]);
    expect(stdout).toContain('"note":"Until noon"');
    expect(stdout).toMatch(/event: presence\ndata: \{[^\n]*"address":"bob@localhost"/);
  });

  it('shows how to send a message and how to call, and it works', async () => {
    const all = await blocks('README.md');
    const [phone, calling] = ['/bob/accounts', '/alice/accounts'].map(
      (part) => all.find((text) => text.includes(part))!,
    );
    const bob = startProgram('bash', ['-ec', phone!.replace('\nbaresip', '\nexec baresip')], { seconds: 60 });
    try {
      await bob.says(/200 OK/, 20);
      const { stdout } = await run('bash', ['-ec', calling!], { env: { ...process.env, TERM: 'dumb' } });
      expect(stdout).toContain('{"status":"delivered"}');
      await bob.says(/Lunch\?/);
      await bob.says(/answering call/);
      expect(stdout).toContain('180 Ringing');
    } finally {
      bob.child.kill();
      await bob.ended;
    }
  }, 90_000);

  it('lists commands that exist', async () => {
    const { stdout } = await runRollcall(['--help']);
    const commands = [...(await page('README.md')).matchAll(/`npm run rollcall -- ([a-z][a-z-]+)/g)].map(
      (match) => match[1]!,
    );
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });
});

describe('docs/operating.md', () => {
  it('has the flags of the Standard Edition, each of them', async () => {
    const { stdout } = await runRollcall(['start', '--help']);
    const text = await page('docs/operating.md');
    const real = [...stdout.matchAll(/^\s+(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1]!);
    const told = new Set(text.match(/--[a-z][a-z-]+/g));
    expect(real.filter((flag) => !told.has(flag) && !['--help', '--json'].includes(flag))).toEqual([]);
    const table = text.slice(0, text.indexOf('Ctrl-C'));
    expect((table.match(/--[a-z][a-z-]+/g) ?? []).filter((flag) => !real.includes(flag))).toEqual([]);
  });

  it('has the variables of docker-compose.yml, each of them', async () => {
    const text = await page('docs/operating.md');
    const real = (await page('docker-compose.yml')).match(/(?<=(?<!\$)\$\{)[A-Z_]+/g)!;
    const pool = text.slice(text.indexOf('## A pool'), text.indexOf('## Accounts'));
    const told = new Set(pool.match(/^\| `.*?` \|/gm)!.flatMap((row) => row.match(/[A-Z_]{4,}/g)!));
    expect(real.filter((name) => !told.has(name))).toEqual([]);
    expect([...told].filter((name) => !real.includes(name))).toEqual(['COMPOSE_PROFILES']);
  });

  it('has shell examples that work as they stand', async () => {
    const block = (await blocks('docs/operating.md')).find((text) => text.includes('account add'))!;
    const { stdout } = await run(
      'bash',
      ['-ec', `echo sip:dave@localhost,pw1234 > ${join(folder, 'users.csv')}\n${block}`],
      {
        cwd: ROOT,
      },
    );
    expect(stdout).toContain('carol');
    expect(stdout).toContain('dave');
  });

  it('names the metrics that there are', async () => {
    const metrics = await (await fetch(`http://${rollcall.addresses.http}/metrics`)).text();
    const told = (await page('docs/operating.md')).match(/`rollcall_[a-z_]+`/g)!.map((name) => name.slice(1, -1));
    const real = [...metrics.matchAll(/^# TYPE (rollcall_[a-z_]+) /gm)].map((match) => match[1]!);
    expect(told.toSorted()).toEqual(real.toSorted());
  });
});

describe('docs/http.md', () => {
  it('shows how to sign in, and it works', async () => {
    const { stdout } = await run('sh', ['-ec', (await blocks('docs/http.md'))[0]!]);
    expect(JSON.parse(stdout)).toMatchObject({ user: 'alice@localhost', expiresIn: 300 });
  });

  it('shows how to send a message, and it works', async () => {
    const { stdout } = await run('bash', ['-ec', (await blocks('docs/http.md'))[1]!]);
    expect(JSON.parse(stdout)).toEqual({ status: 'stored', messageId: expect.any(Number) });
  });

  it('has every route and every problem', async () => {
    const text = await page('docs/http.md');
    const answer = await fetch(`http://${rollcall.addresses.http}/v1/openapi.json`);
    const { paths } = (await answer.json()) as { paths: object };
    for (const path of Object.keys(paths)) expect(text).toContain(path);
    const source = await page('services/front-end/src/http/problem.ts');
    const names = [...source.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });
});
