import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runRollcall } from '../../../test-kit/src/rollcall.ts';

const SCRIPT = fileURLToPath(new URL('../../../../scripts/run', import.meta.url));

test('what npm start runs becomes the server itself, so that a signal to it stops it in good order', async () => {
  const data = await mkdtemp(join(tmpdir(), 'rollcall-script-'));
  const ports = ['--sip-port', '0', '--sips-port', '0', '--http-port', '0'];
  const child = spawn('sh', [SCRIPT, 'start', '--data', data, ...ports], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += text;
    if (output.includes('Ctrl-C stops it.')) break;
  }
  child.stdout.resume();
  child.stderr.resume();
  expect(output).toContain('Rollcall is ready for localhost');
  expect(output).toMatch(/^ {4}user {7}alice\n {4}password {3}[a-z2-9-]{14}$/m);
  expect(output).toContain(`npm run rollcall -- account add sip:carol@localhost --data ${data}`);

  const frontEnds = await runRollcall(['front-ends', '--json', '--data', data]);
  expect(JSON.parse(frontEnds.stdout)).toMatchObject([{ pid: child.pid }]);
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
  await rm(data, { recursive: true, force: true });
});
