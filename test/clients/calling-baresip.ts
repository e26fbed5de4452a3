import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Baresip, type BaresipOptions, startBaresip } from './baresip.ts';

/** A baresip that has a tone instead of a microphone, and takes commands. */
export interface CallingBaresip extends Baresip {
  /** A command of its menu, e.g. `dial` with a SIP URI. */
  command(command: string, parameters?: string): void;
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
  socket.resume();
  return {
    ...baresip,
    command(command, parameters = '') {
      const text = JSON.stringify({ command, params: parameters });
      socket.write(`${text.length}:${text},`); // a netstring
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
