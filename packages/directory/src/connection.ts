import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  BindRequest,
  type Control,
  ExtendedRequest,
  type Filter,
  SearchEntry,
  SearchRequest,
  UnbindRequest,
} from 'ldapts';
import { DirectoryError, protocolError, resultError, socketError, timeoutError } from './errors.ts';
import { type LdapMessage, parseWhole, readMessages } from './messages.ts';
import type { DirectoryServer, DirectorySettings } from './settings.ts';

export interface SearchOptions {
  readonly base: string;
  /** 'sub' when not given. */
  readonly scope?: 'base' | 'sub';
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly controls?: readonly Control[];
  /** Waits for the next message without end. */
  readonly waits?: boolean;
}

export interface FoundEntry {
  readonly kind: 'entry';
  readonly dn: string;
  /** By lower-case attribute type without options. */
  readonly attributes: Map<string, Buffer[]>;
  readonly controls: ReadonlyMap<string, Buffer>;
}
export interface Intermediate {
  readonly kind: 'intermediate';
  readonly oid: string;
  readonly value: Buffer;
}
export interface Result {
  readonly kind: 'result';
  readonly code: number;
  readonly said: string;
  readonly controls: ReadonlyMap<string, Buffer>;
}

type ConnectionSettings = Pick<DirectorySettings, 'ca' | 'startTls' | 'timeoutMs'>;

// RFC 4511: the tags of answers
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const EXTENDED_RESPONSE = 0x78;
const INTERMEDIATE_RESPONSE = 0x79;
const START_TLS = '1.3.6.1.4.1.1466.20037';

/**
 * An LDAP connection that streams: ldapts writes the messages, but its Client knows no intermediate responses
 * (RFC 4511 §4.13), which syncrepl needs, and holds all entries of a search.
 */
export class DirectoryConnection {
  readonly server: DirectoryServer;
  readonly #socket: Socket;
  readonly #messages: AsyncGenerator<LdapMessage>;
  readonly #timeoutMs: number;
  #lastId = 1;

  private constructor(server: DirectoryServer, socket: Socket, timeoutMs: number) {
    this.server = server;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#messages = readMessages(socket, server.url);
    socket.on('error', () => {}); // told to whoever reads
  }

  static async open(server: DirectoryServer, settings: ConnectionSettings): Promise<DirectoryConnection> {
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
      return new DirectoryConnection(server, socket, timeoutMs);
    } catch (error) {
      throw error instanceof DirectoryError ? error : socketError(server.url, error as Error);
    }
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.readable;
  }

  /** @returns the server's result, whatever it is */
  async bind(dn: string, password: string, controls: Control[] = []): Promise<Result> {
    const messageId = ++this.#lastId;
    this.#socket.write(new BindRequest({ messageId, dn, password, controls }).write());
    for (;;) {
      const message = await this.#next(true);
      if (message.id === messageId) return resultOf(message);
    }
  }

  /** Entries, intermediate responses, and at the end the result, whatever it is. References to elsewhere are left out. */
  async *search(options: SearchOptions): AsyncGenerator<FoundEntry | Intermediate | Result> {
    const messageId = ++this.#lastId;
    const { base: baseDN, scope = 'sub', filter, attributes, controls = [], waits = false } = options;
    const request = {
      messageId,
      baseDN,
      scope,
      filter,
      attributes: [...attributes],
      timeLimit: 0,
      controls: [...controls],
    };
    this.#socket.write(new SearchRequest(request).write());
    for (;;) {
      const message = await this.#next(!waits);
      if (message.id !== messageId) continue;
      if (message.operation === SEARCH_ENTRY) yield entryOf(message);
      if (message.operation === INTERMEDIATE_RESPONSE) yield intermediateOf(message);
      if (message.operation === SEARCH_DONE) return yield resultOf(message);
    }
  }

  close(): void {
    if (this.isOpen) this.#socket.end(new UnbindRequest({ messageId: ++this.#lastId }).write());
    this.#socket.destroySoon();
  }

  async #next(limited: boolean): Promise<LdapMessage> {
    const { url } = this.server;
    const timer =
      limited && setTimeout(() => this.#socket.destroy(timeoutError(url, this.#timeoutMs)), this.#timeoutMs);
    try {
      const { value } = await this.#messages.next();
      if (!value) throw new DirectoryError('unreachable', `${url} has closed the connection.`);
      // RFC 4511 §4.4.1: notice of disconnection
      if (value.id === 0 && value.operation === EXTENDED_RESPONSE) throw disconnected(url, resultOf(value));
      return value;
    } catch (error) {
      this.#socket.destroy();
      if (error instanceof DirectoryError) throw error;
      throw (error as NodeJS.ErrnoException).code ? socketError(url, error as Error) : protocolError(url, `${error}`);
    } finally {
      if (timer) clearTimeout(timer);
    }
  }
}

/** A connection to the first server that answers, bound as the settings say. */
export async function connectAndBind(settings: DirectorySettings): Promise<DirectoryConnection> {
  let failed: DirectoryError | undefined;
  for (const server of settings.servers) {
    try {
      const connection = await DirectoryConnection.open(server, settings);
      const { code, said } = settings.bindDn === '' ? BOUND : await connection.bind(settings.bindDn, settings.password);
      if (code === 0) return connection;
      connection.close();
      throw resultError(server.url, code, said);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      // Other servers say the same of a wrong password, and count it.
      if (error.code === 'credentials') throw error;
      failed = failed ? new DirectoryError(failed.code, `${failed.message} ${error.message}`) : error;
    }
  }
  throw failed ?? new DirectoryError('unreachable', 'No directory server is given.');
}

const BOUND = { code: 0, said: '' };

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
      socket.off('error', fail).off('close', closed);
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

function disconnected(url: string, { code, said }: Result): DirectoryError {
  return new DirectoryError('unreachable', `${url} ends the connection (LDAP result ${code}: ${said}).`, code);
}

/** RFC 4511 §4.1.9 */
function resultOf({ body, controls }: LdapMessage): Result {
  const code = body.readEnumeration() ?? 80;
  body.readString(); // matchedDN
  return { kind: 'result', code, said: body.readString() ?? '', controls };
}

function entryOf({ id, body, controls }: LdapMessage): FoundEntry {
  const parsed = new SearchEntry({ messageId: id });
  parsed.parseMessage(body);
  const attributes = new Map<string, Buffer[]>();
  for (const { type, parsedBuffers } of parsed.attributes) {
    const name = (type.split(';', 1)[0] as string).toLowerCase();
    const values = attributes.get(name);
    if (values) values.push(...parsedBuffers);
    else attributes.set(name, parsedBuffers);
  }
  return { kind: 'entry', dn: parsed.name, attributes, controls };
}

/** RFC 4511 §4.13: [0] OID, [1] value */
function intermediateOf({ body }: LdapMessage): Intermediate {
  let oid = '';
  let value: Buffer = Buffer.alloc(0);
  while (body.remain > 0) {
    const tag = body.peek() as number;
    const bytes = body.readString(tag, true) ?? Buffer.alloc(0);
    if (tag === 0x80) oid = bytes.toString('latin1');
    else value = bytes;
  }
  return { kind: 'intermediate', oid, value };
}
