import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FrontEndMetrics } from '../metrics.ts';
import { Problem, problemBody } from './problem.ts';

/** Node's own findings about requests that reach no handler. */
const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is no HTTP request with a problem, and closes the connection. */
export function refuseMalformed(metrics: FrontEndMetrics): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const status = STATUSES[error.code ?? ''] ?? 400;
    metrics.httpAnswered('other', status);
    const body = JSON.stringify(problemBody(new Problem(status, undefined)));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    return undefined;
  };
}
