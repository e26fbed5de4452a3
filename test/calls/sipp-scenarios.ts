import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Program, startProgram } from '../clients/program.ts';

/** SIPp with the scenarios of this folder, one call each. */
export interface SippScenarios {
  /** What they write is here. */
  readonly folder: string;
  /** Its exit status is 0 when every message came that the scenario wants. */
  run(scenario: string, transport: 'UDP' | 'TCP', args: readonly string[]): Program;
  /** One that is called; resolves when it listens. */
  answering(scenario: string, transport: 'UDP' | 'TCP', address: { host: string; port: number }): Promise<Program>;
  succeeded(program: Program): Promise<void>;
  /** Ends those that are still running. */
  kill(): void;
  close(): Promise<void>;
}

export async function openSippScenarios(): Promise<SippScenarios> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-outside-'));
  const programs: Program[] = [];
  const run: SippScenarios['run'] = (scenario, transport, args) => {
    const file = new URL(`scenarios/${scenario}.xml`, import.meta.url).pathname;
    const common = ['-sf', file, '-t', transport === 'UDP' ? 'u1' : 't1', '-m', '1', '-nostdin', '-trace_err'];
    const program = startProgram('sipp', [...common, '-timeout', '20', '-timeout_error', ...args], {
      cwd: folder,
      seconds: 25,
    });
    programs.push(program);
    return program;
  };
  return {
    folder,
    run,
    async answering(scenario, transport, { host, port }) {
      const program = run(scenario, transport, ['-i', host, '-p', String(port)]);
      await listens(transport, port);
      return program;
    },
    async succeeded(program) {
      const { status } = await program.ended;
      const errors = (await readdir(folder)).filter((name) => name.endsWith('_errors.log'));
      const said = await Promise.all(errors.map((name) => readFile(join(folder, name), 'utf8')));
      expect(status, said.join('\n').slice(0, 2000)).toBe(0);
    },
    kill() {
      for (const { child } of programs.splice(0)) child.kill('SIGKILL');
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function listens(transport: 'UDP' | 'TCP', port: number): Promise<void> {
  // It listens: no connection of an earlier test.
  const listed = `:${port.toString(16).toUpperCase()} 00000000:0000 `;
  const file = `/proc/net/${transport.toLowerCase()}`;
  await expect.poll(async () => (await readFile(file, 'utf8')).includes(listed), { timeout: 5000 }).toBe(true);
}
