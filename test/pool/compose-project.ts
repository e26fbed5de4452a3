import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url).pathname;
const run = promisify(execFile);

/** Profiles that are started for real. Grafana is none of them: local-docker has no stand-in for it. */
const PROFILES = ['redis', 'directory', 'monitoring'];

/**
 * How Compose is called here. ROLLCALL_TEST_COMPOSE=1: by local-docker, which stands beside the checkout and needs no
 * image registry; another value: that command. Else Docker's own, where an engine answers.
 */
export async function findCompose(): Promise<string[] | undefined> {
  const asked = process.env.ROLLCALL_TEST_COMPOSE;
  if (asked === '1') {
    const localDocker = join(ROOT, '../shared/tools/local-docker/local-docker');
    await run(localDocker, ['up']);
    const env = { ...process.env, COMPOSE_PROFILES: PROFILES.join(',') };
    await run(localDocker, ['images'], { cwd: ROOT, env }).catch(() => {}); // It fails for Grafana's.
    return [localDocker, 'compose'];
  }
  if (asked) return asked.split(' ');
  try {
    await run('docker', ['compose', 'version']);
    await run('docker', ['version', '--format', '{{.Server.Version}}']);
    return ['docker', 'compose'];
  } catch {
    return undefined;
  }
}

/** A pool under Compose with ports, a network and volumes of its own. */
export interface ComposeProject {
  readonly domain: string;
  /** `host:port` of what is published. */
  readonly addresses: { tcp: string; http: string; prometheus: string };
  /** Variables for what comes next, as an operator writes them into `.env`. */
  set(variables: Record<string, string>): void;
  /** @returns what it prints. @throws with that when it fails */
  compose(args: readonly string[], input?: string): Promise<string>;
  /** Runs a command of the service `rollcall`. */
  rollcall(...args: string[]): Promise<string>;
  /** The state of each container of a service, as its health check sees it. */
  health(service: string): Promise<string[]>;
  remove(): Promise<void>;
}

export async function composeProject(command: readonly string[]): Promise<ComposeProject> {
  const project = `rollcall-test-${process.pid}`;
  const [sip, sips, http, stats, prometheus] = await Promise.all(Array.from({ length: 5 }, freePort));
  const domain = 'pool.test';
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ ROLLCALL_SIP_PORT: sip, ROLLCALL_SIPS_PORT: sips, ROLLCALL_HTTP_PORT: http, ROLLCALL_STATS_PORT: stats },
    ROLLCALL_PROMETHEUS_PORT: prometheus,
    ROLLCALL_EDGE_NETWORK: `172.31.${process.pid % 250}.0/24`,
    ROLLCALL_DOMAIN: domain,
  };

  async function compose(args: readonly string[], input = ''): Promise<string> {
    const [program, ...words] = [...command, '-p', project, ...args];
    const child = spawn(program!, words, { cwd: ROOT, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.end(input);
    const [status] = await once(child, 'close');
    if (status !== 0) throw new Error(`compose ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }
  const withProfiles = PROFILES.flatMap((profile) => ['--profile', profile]);

  return {
    domain,
    addresses: { tcp: `127.0.0.1:${sip}`, http: `127.0.0.1:${http}`, prometheus: `127.0.0.1:${prometheus}` },
    set: (variables) => void Object.assign(environment, variables),
    compose,
    rollcall: (...args) => compose(['run', '--rm', '-T', 'rollcall', ...args]),
    async health(service) {
      const containers = (await compose([...withProfiles, 'ps', '-q', service])).trim().split('\n');
      const { stdout } = await run('docker', ['inspect', '-f', '{{.State.Health.Status}}', ...containers]);
      return stdout.trim().split('\n');
    },
    remove: async () => void (await compose([...withProfiles, 'down', '-v'])),
  };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return String(port);
}
