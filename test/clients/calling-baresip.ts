import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Baresip, type BaresipOptions, startBaresip } from './baresip.ts';

/** A baresip that has a tone instead of a microphone, and takes commands. */
export interface CallingBaresip extends Baresip {
  /** A command of its menu, e.g. `dial` with a SIP URI. */
  command(command: string, parameters?: string): void;
  /** What it shows when it is told so, without colours, e.g. its `contacts` and how they are. */
  show(command: string): Promise<string>;
}

export async function startCallingBaresip(options: BaresipOptions): Promise<CallingBaresip> {
  const port = await freePort();
  const baresip = await startBaresip({
    ...options,
    config: [
      ...['module_app contact.so', 'module_app ctrl_tcp.so', `ctrl_tcp_listen 127.0.0.1:${port}`],
      // ausine makes sound at 48 kHz and in stereo alone.
      ...['module ausine.so', 'audio_source ausine,440', 'ausrc_srate 48000', 'ausrc_channels 2'],
      ...['module aubridge.so', 'audio_player aubridge,heard'],
      ...['rtp_ports 20000-32000', 'net_interface 127.0.0.1'],
      ...(options.config ?? []),
    ],
  });
  await baresip.says(/ctrl_tcp: TCP socket listening|baresip is ready/);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  let shown = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const send = (fields: Record<string, string>) => {
    const text = JSON.stringify(fields);
    socket.write(`${text.length}:${text},`); // a netstring
  };
  let asked = 0;
  return {
    ...baresip,
    command: (command, parameters = '') => send({ command, params: parameters }),
    async show(command) {
      asked += 1;
      const token = `asked-${asked}`;
      send({ command, token });
      const answer = new RegExp(`\\d+:(\\{[^}]*"token":"${token}"[^}]*\\})`);
      while (!answer.test(shown)) await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
      // ESC [ 32m and its like
      return String(JSON.parse(answer.exec(shown)![1]!).data).replace(/\u001b\[[\d;]*m/g, '');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
