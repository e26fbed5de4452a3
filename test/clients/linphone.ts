import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SipAccount } from '@rollcall/test-kit';
import { type Program, type ProgramResult, startProgram } from './program.ts';

export interface LinphoneOptions {
  /** Where its configuration and data go. */
  folder: string;
  account: SipAccount;
  /** `host:port` of the front end. */
  server: string;
  transport: 'udp' | 'tcp';
  /** Whose presence it subscribes to. */
  friends?: readonly string[];
  /** More lines of its [sip] section. */
  sip?: readonly string[];
}

export interface Linphone extends Program {
  /** How it took the presence of a friend, the latest last: online, offline, away, on-the-phone, ... */
  seen(friend: string): string[];
  /** As a user ends it: it takes its subscriptions, publication and registration away first. */
  quit(): Promise<ProgramResult>;
  kill(): Promise<void>;
}

/** Starts Debian's linphonec, without sound, with its whole log as output. It registers and publishes that it is online. */
export async function startLinphone(options: LinphoneOptions): Promise<Linphone> {
  const { folder, account, server, transport, friends = [], sip = [] } = options;
  const home = await mkdtemp(join(folder, 'linphone-'));
  for (const needed of ['.local/share/linphone', '.config/linphone']) {
    await mkdir(join(home, needed), { recursive: true });
  }
  const { user, domain, password } = account;
  const sections = {
    sip: ['sip_port=-1', 'sip_tcp_port=-1', 'default_proxy=0', ...sip],
    proxy_0: [
      ...[`reg_proxy=<sip:${server};transport=${transport}>`, `reg_route=<sip:${server};transport=${transport}>`],
      ...[`reg_identity=sip:${user}@${domain}`, 'reg_expires=600', 'reg_sendregister=1'],
      ...['publish=1', 'publish_expires=600'],
    ],
    auth_info_0: [`username=${user}`, `passwd=${password}`, `domain=${domain}`, `realm=${domain}`],
    ...Object.fromEntries(
      friends.map((friend, index) => [
        `friend_${index}`,
        [`url="${friend}" <sip:${friend}>`, 'pol=accept', 'subscribe=1'],
      ]),
    ),
  };
  const text = Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`);
  await writeFile(join(home, 'rc'), text.join('\n'));
  const program = startProgram('env', [`HOME=${home}`, 'linphonec', '-d', '6', '-c', join(home, 'rc')], {
    seconds: 60,
  });
  return {
    ...program,
    seen: (friend) => {
      const said = /We are notified that \[(.*?)\] has presence \[(.*?)\]/g;
      return [...program.output().matchAll(said)].flatMap(([, who, how]) =>
        who!.includes(`sip:${friend}>`) ? [how!] : [],
      );
    },
    quit() {
      program.child.stdin?.write('quit\n');
      return program.ended;
    },
    async kill() {
      program.child.kill('SIGKILL');
      await program.ended;
    },
  };
}
