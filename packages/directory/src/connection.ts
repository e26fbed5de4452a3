import type { Socket } from 'node:net';
import { BindRequest, type Control, type Filter, SearchRequest, UnbindRequest } from 'ldapts';
import { entryOf, type FoundEntry, type Intermediate, intermediateOf, type Result, resultOf } from './answers.ts';
import { DirectoryError, protocolError, resultError, socketError, timeoutError } from './errors.ts';
import { type LdapMessage, readMessages } from './messages.ts';
import { References } from './references.ts';
import type { DirectoryServer, DirectorySettings } from './settings.ts';
import { openSocket, type SocketSettings } from './socket.ts';

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

// RFC 4511: the tags of answers
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const SEARCH_REFERENCE = 0x73;
const EXTENDED_RESPONSE = 0x78;
const INTERMEDIATE_RESPONSE = 0x79;

/**
 * An LDAP connection that streams: ldapts writes the messages, but its Client knows no intermediate responses
 * (RFC 4511 §4.13), which syncrepl needs, and holds all entries of a search.
 */
export class DirectoryConnection {
  readonly server: DirectoryServer;
  /** What its searches have not read. */
  readonly references = new References();
  readonly #socket: Socket;
  readonly #messages: AsyncGenerator<LdapMessage>;
  readonly #timeoutMs: number;
  #lastId = 1;

  private constructor(server: DirectoryServer, socket: Socket, timeoutMs: number) {
    this.server = server;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#messages = readMessages(socket, server.url);
  }

  /** @throws DirectoryError when the server cannot be reached, or its certificate is not taken */
  static async open(server: DirectoryServer, settings: SocketSettings): Promise<DirectoryConnection> {
    return new DirectoryConnection(server, await openSocket(server, settings), settings.timeoutMs);
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
      if (message.id === messageId) return this.#parse(resultOf, message);
    }
  }

  /** Entries, intermediate responses, and at the end the result, whatever it is. References are kept, and not followed. */
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
      if (message.operation === SEARCH_ENTRY) yield this.#parse(entryOf, message);
      if (message.operation === SEARCH_REFERENCE) this.#parse((one) => this.references.add(one, baseDN), message);
      if (message.operation === INTERMEDIATE_RESPONSE) yield this.#parse(intermediateOf, message);
      if (message.operation === SEARCH_DONE) return yield this.#parse(resultOf, message);
    }
  }

  close(): void {
    if (this.isOpen) this.#socket.end(new UnbindRequest({ messageId: ++this.#lastId }).write());
    this.#socket.destroySoon();
  }

  #parse<T>(parse: (message: LdapMessage) => T, message: LdapMessage): T {
    try {
      return parse(message);
    } catch (error) {
      this.#socket.destroy();
      throw protocolError(this.server.url, (error as Error).message);
    }
  }

  async #next(limited: boolean): Promise<LdapMessage> {
    const { url } = this.server;
    const timer =
      limited && setTimeout(() => this.#socket.destroy(timeoutError(url, this.#timeoutMs)), this.#timeoutMs);
    try {
      const { value } = await this.#messages.next();
      if (!value) throw new DirectoryError('unreachable', `${url} has closed the connection.`);
      // RFC 4511 §4.4.1: notice of disconnection
      if (value.id === 0 && value.operation === EXTENDED_RESPONSE)
        throw disconnected(url, this.#parse(resultOf, value));
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

function disconnected(url: string, { code, said }: Result): DirectoryError {
  return new DirectoryError('unreachable', `${url} ends the connection (LDAP result ${code}: ${said}).`, code);
}
