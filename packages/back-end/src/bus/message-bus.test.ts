import { afterEach, describe, expect, it } from 'vitest';
import type { Keys } from './bus.ts';
import { type Link, type LinkEvents, MessageBus } from './message-bus.ts';

/** A server in this process whose connections break, hang and come back as the test says. */
class Server {
  readonly connections: { events: LinkEvents; link: Link; closed: boolean }[] = [];
  readonly sent: string[] = [];
  isDown = false;
  isSilent = false;

  open = async (events: LinkEvents): Promise<Link> => {
    if (this.isDown) throw new Error('down');
    const connection = {
      events,
      closed: false,
      link: {
        messageBytes: 1000,
        send: async (messages: readonly string[]) => {
          if (this.isDown) throw new Error('down');
          this.sent.push(...messages);
        },
        check: async () => {
          if (this.isSilent) throw new Error('silent');
        },
        close: async () => {
          connection.closed = true;
        },
      },
    };
    this.connections.push(connection);
    return connection.link;
  };

  keys(): string[] {
    return this.sent.flatMap((text) => (JSON.parse(text) as string[]).slice(2));
  }
}

describe('a bus whose server fails', () => {
  let bus: MessageBus;
  afterEach(() => bus.close());

  it('sends again what a connection that broke did not take, over the next one', async () => {
    const server = new Server();
    bus = new MessageBus({ open: server.open });
    await bus.start();
    server.isDown = true;
    bus.publish('account', ['alice']);
    await expect.poll(() => bus.connected).toBe(false);
    bus.publish('account', ['bob']);
    server.isDown = false;
    await expect.poll(() => server.keys(), { timeout: 3000 }).toEqual(['alice', 'bob']);
    expect(server.connections[0]?.closed).toBe(true);
  });

  it('gives up a connection on which nobody answers any more', async () => {
    const server = new Server();
    bus = new MessageBus({ open: server.open, checkMs: 20 });
    const heard: Keys[] = [];
    bus.subscribe('account', (keys) => heard.push(keys));
    await bus.start();
    server.isSilent = true;
    await expect.poll(() => server.connections.length).toBeGreaterThan(1);
    server.isSilent = false;
    await expect.poll(() => bus.connected, { timeout: 3000 }).toBe(true);
    expect(server.connections[0]?.closed).toBe(true);
    expect(heard.at(-1)).toBeUndefined();
  });

  it('opens one connection for one that broke, however often it says so, also before it was open', async () => {
    const server = new Server();
    let opened = 0;
    bus = new MessageBus({
      open: async (events) => {
        const link = await server.open(events);
        opened += 1;
        if (opened === 1) for (let n = 0; n < 3; n++) events.ended(new Error('broke'));
        return link;
      },
    });
    await bus.start();
    expect(bus.connected).toBe(false);
    await expect.poll(() => bus.connected).toBe(true);
    for (let n = 0; n < 3; n++) server.connections[1]!.events.ended();
    server.connections[0]!.events.ended();
    await expect.poll(() => bus.connected).toBe(true);
    expect(server.connections.map(({ closed }) => closed)).toEqual([true, true, false]);
  });

  it('lets what its process publishes be heard there, and says "everything" when too much waits for the others', async () => {
    const server = new Server();
    server.isDown = true;
    bus = new MessageBus({ open: server.open });
    let heard = 0;
    bus.subscribe('account', (keys) => {
      heard += keys?.length ?? 0;
    });
    await bus.start();
    for (let n = 0; n < 12_000; n++) bus.publish('account', [`user-${n}`]);
    await expect.poll(() => heard).toBe(12_000);
    server.isDown = false;
    await expect
      .poll(() => server.sent.map((text) => JSON.parse(text)), { timeout: 5000 })
      .toEqual([['account', expect.any(String)]]);
  });

  it('leaves no connection behind when it closes while it connects', async () => {
    const server = new Server();
    bus = new MessageBus({ open: server.open });
    const starting = bus.start();
    await bus.close();
    await starting;
    expect([bus.connected, server.connections.map(({ closed }) => closed)]).toEqual([false, [true]]);
  });
});
