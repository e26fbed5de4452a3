import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { startProgram } from '../program.ts';
import { bundle } from './bundle.ts';

/** A page in Debian's Chromium with JsSIP as `phone` (page.mjs). */
export interface BrowserPhone {
  /** The value of an expression in the page; of what it promises. @throws what the page throws */
  run(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function openBrowserPhone(folder: string): Promise<BrowserPhone> {
  const script = bundle(createRequire(import.meta.url).resolve('jssip'), 'JsSIP');
  const page = readFileSync(new URL('page.mjs', import.meta.url), 'utf8');
  const files: Record<string, [type: string, text: string]> = {
    '/': ['text/html', '<script src="/jssip.js"></script><script type="module" src="/page.mjs"></script>'],
    '/jssip.js': ['text/javascript', script],
    '/page.mjs': ['text/javascript', page],
  };
  const server = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(text ? 200 : 404, { 'content-type': type }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const profile = await mkdtemp(join(folder, 'chromium-'));
  const chromium = startProgram(
    'chromium',
    [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`],
      ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--remote-debugging-port=0'],
      ...['--disable-features=WebRtcHideLocalIpsWithMdns', url],
    ],
    { seconds: 120 },
  );
  const close = async () => {
    chromium.child.kill('SIGTERM');
    await chromium.ended;
    server.closeAllConnections();
    server.close();
  };
  try {
    await chromium.says(/DevTools listening on ws:/, 30);
    const host = /DevTools listening on ws:\/\/([^/]+)/.exec(chromium.output())![1]!;
    const tab = await openTab(host, url);
    return { run: tab, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Speaks to the tab over the DevTools protocol. */
async function openTab(host: string, url: string): Promise<BrowserPhone['run']> {
  const tabs = (await (await fetch(`http://${host}/json/list`)).json()) as {
    url: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(tabs.find((tab) => tab.url === url)!.webSocketDebuggerUrl);
  await once(socket, 'open');
  let asked = 0;
  const run = async (expression: string): Promise<unknown> => {
    asked += 1;
    const id = asked;
    const params = { expression, awaitPromise: true, returnByValue: true };
    socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }));
    for (;;) {
      const [data] = await once(socket, 'message', { signal: AbortSignal.timeout(30_000) });
      const answer = JSON.parse(String(data));
      if (answer.id !== id) continue;
      const { exceptionDetails, result } = answer.result;
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    }
  };
  while (!(await run('typeof phone === "object"'))) await new Promise((resolve) => setTimeout(resolve, 50));
  return run;
}
