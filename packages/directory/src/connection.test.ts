import { connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { follow } from './follower-for-tests.ts';
import { readDirectorySettings } from './settings.ts';
import { openSource } from './source.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await startOpenLdap({ users: 3 });
});
afterAll(() => directory?.stop());

const settings = (directoryUrl: string[], more = {}) =>
  readDirectorySettings({
    ...{ directoryUrl, directoryStartTls: false, directoryPlain: false, directoryTimeout: 1 },
    ...{ directoryBindDn: directory.bind, directoryPassword: directory.password, ...more },
  });

/** Does with each connection what no real server does. */
async function hostile(greet: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => greet(socket));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await expect.poll(() => server.listening).toBe(true);
  return `ldap://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each<[string, string, string, (socket: Socket) => void]>([
  ['nothing', 'timeout', 'no answer within 1 s', () => {}],
  ['an end', 'unreachable', 'closed', (socket) => socket.end()],
  ['a reset', 'unreachable', 'ECONNRESET', (socket) => socket.resetAndDestroy()],
  ['text', 'protocol', 'no LDAP message', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a message without an end', 'timeout', '1 s', (socket) => socket.write(hex('30 84 00 00 10 00 02 01'))],
  ['a message of 1 GB', 'protocol', 'bytes', (socket) => socket.write(hex('30 84 40 00 00 00'))],
  ['a length of indefinite form', 'protocol', 'bytes', (socket) => socket.write(hex('30 80 02 01 02 61'))],
  [
    'an inner length that is too long',
    'protocol',
    'wrong length',
    (socket) => socket.write(hex('30 05 02 01 02 61 7f')),
  ],
  ['an empty message', 'protocol', 'expected', (socket) => socket.write(hex('30 00'))],
  ['a result cut short', 'protocol', 'expected', (socket) => socket.write(hex('30 06 02 01 02 61 01 0a'))],
  [
    'a notice of disconnection',
    'unreachable',
    'LDAP result 52',
    (s) => s.write(hex('30 0c 02 01 00 78 07 0a 01 34 04 00 04 00')),
  ],
])('a server that sends %s is a %s error', async (_, code, words, greet) => {
  const url = await hostile(greet);
  await expect(openSource(settings([url]))).rejects.toMatchObject({
    name: 'DirectoryError',
    code,
    message: expect.stringContaining(words),
  });
});

test('the next server is asked while one is down, hangs or is busy', async () => {
  const busy = await hostile((socket) => socket.write(hex('30 0c 02 01 02 61 07 0a 01 33 04 00 04 00')));
  const source = await openSource(settings(['ldap://127.0.0.1:1', await hostile(() => {}), busy, directory.url]));
  expect(source.kind).toBe('openldap');
});

test('when no server answers, the error tells of each', async () => {
  const all = openSource(settings(['ldap://127.0.0.1:1', await hostile(() => {})]));
  await expect(all).rejects.toThrow(/127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\).*no answer within 1 s/);
});

test('a wrong password is told at once, without trying it elsewhere, and is not repeated', async () => {
  let asked = 0;
  const other = await hostile(() => {
    asked += 1;
  });
  const wrong = openSource(settings([directory.url, other], { directoryPassword: 'hunter2' }));
  await expect(wrong).rejects.toMatchObject({ code: 'credentials', message: expect.not.stringContaining('hunter2') });
  expect(asked).toBe(0);
});

test('TLS from the start and StartTLS are verified with the authority that is given, and only then', async () => {
  const url = directory.url.replace('127.0.0.1', 'localhost');
  for (const more of [{ url: directory.secureUrl }, { url, directoryStartTls: true }]) {
    const { url, ...flags } = more;
    expect((await openSource(settings([url], { ...flags, directoryCa: directory.ca }))).kind).toBe('openldap');
    await expect(openSource(settings([url], flags))).rejects.toMatchObject({
      code: 'certificate',
      message: expect.stringContaining('--directory-ca'),
    });
  }
});

test('what is sent in the clear behind the answer to StartTLS is not taken as said under TLS', async () => {
  const answer = hex('30 0c 02 01 01 78 07 0a 01 00 04 00 04 00');
  const url = await hostile((socket) =>
    socket.write(Buffer.concat([answer, hex('30 0c 02 01 02 61 07 0a 01 00 04 00 04 00')])),
  );
  await expect(openSource(settings([url], { directoryStartTls: true }))).rejects.toMatchObject({ code: 'protocol' });
});

test('a run that nobody reads on, or that is closed, leaves no connection behind', async () => {
  const proxy = createServer((socket) => {
    const onward = connect(Number(new URL(directory.url).port), '127.0.0.1');
    socket.on('error', () => onward.destroy()).pipe(onward);
    onward.on('error', () => socket.destroy()).pipe(socket);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void proxy.close());
  await expect.poll(() => proxy.listening).toBe(true);
  const { port } = proxy.address() as { port: number };
  const follower = await follow({ ...directory, url: `ldap://127.0.0.1:${port}` });
  const connections = () => promisify(proxy.getConnections).call(proxy);
  const start = () => follower.source.changes({ attributes: ['cn'], groups: [], knownMembers: async () => [] });
  const left = await start();
  for await (const _ of left.changes) break;
  expect(() => left.cookie()).toThrow('last change');
  await expect.poll(connections).toBe(0);
  const changes = (await start()).changes[Symbol.asyncIterator]();
  await changes.next();
  expect(await connections()).toBe(1);
  await follower.source.close();
  await expect.poll(connections).toBe(0);
});

test('an entry as large as a photo comes whole, in pieces', async () => {
  const admin = await directory.connect();
  const photo = Buffer.alloc(3_000_000, 'x');
  await admin.add(`uid=photo,${directory.users}`, {
    objectClass: 'inetOrgPerson',
    cn: 'P',
    sn: 'P',
    jpegPhoto: photo.toString(),
  });
  const follower = await follow(directory, { attributes: ['cn', 'jpegPhoto'] });
  await follower.run();
  const entry = [...follower.entries.values()].find(({ dn }) => dn.startsWith('uid=photo'));
  expect(entry?.attributes.get('jpegphoto')?.[0]?.equals(photo)).toBe(true);
});
