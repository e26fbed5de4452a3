import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ExtendedRequest } from 'ldapts';
import { resultOf } from './answers.ts';
import { DirectoryError, socketError, timeoutError } from './errors.ts';
import { parseWhole } from './messages.ts';
import type { DirectoryServer, DirectorySettings } from './settings.ts';

export type SocketSettings = Pick<DirectorySettings, 'ca' | 'startTls' | 'timeoutMs'>;

const START_TLS = '1.3.6.1.4.1.1466.20037';

/** A socket on which LDAP may be spoken, TLS included where it is to be. */
export async function openSocket(server: DirectoryServer, settings: SocketSettings): Promise<Socket> {
  const { timeoutMs } = settings;
  const tlsOptions = {
    ...(settings.ca && { ca: settings.ca }),
    ...(isIP(server.host) === 0 && { servername: server.host }),
  };
  const { host, port } = server;
  try {
    let socket: Socket = server.tls
      ? await ready(connectTls({ host, port, ...tlsOptions }), 'secureConnect', server, timeoutMs)
      : await ready(connect({ host, port }), 'connect', server, timeoutMs);
    socket.setKeepAlive(true, 30_000).setNoDelay(true);
    if (settings.startTls && !server.tls) {
      await startTls(socket, server, timeoutMs);
      socket = await ready(connectTls({ socket, host, ...tlsOptions }), 'secureConnect', server, timeoutMs);
    }
    return socket;
  } catch (error) {
    throw error instanceof DirectoryError ? error : socketError(server.url, error as Error);
  }
}

function ready<S extends Socket>(socket: S, event: string, server: DirectoryServer, timeoutMs: number): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.off('error', fail).on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const closed = () => fail(new DirectoryError('unreachable', `${server.url} has closed the connection.`));
    const timer = setTimeout(() => fail(timeoutError(server.url, timeoutMs)), timeoutMs);
    socket.once('error', fail).once('close', closed);
    socket.once(event, () => {
      clearTimeout(timer);
      // From here on errors are told to whoever reads.
      socket
        .off('error', fail)
        .off('close', closed)
        .on('error', () => {});
      resolve(socket);
    });
  });
}

/** RFC 4511 §4.14 */
async function startTls(socket: Socket, server: DirectoryServer, timeoutMs: number): Promise<void> {
  let answer = Buffer.alloc(0);
  const answered = ready(socket, 'data', server, timeoutMs);
  socket.once('data', (data) => {
    socket.pause();
    answer = data as typeof answer;
  });
  socket.write(new ExtendedRequest({ messageId: 1, oid: START_TLS }).write());
  await answered;
  const { code, said } = resultOf(parseWhole(answer, server.url));
  if (code === 0) return;
  throw new DirectoryError('refused', `${server.url} does not begin TLS (LDAP result ${code}: ${said}).`, code);
}
