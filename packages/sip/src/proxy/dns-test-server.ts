import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';

/** Records as a zone has them: `['example.org', 'SRV', '10 60 5060 a.example.org']`. */
export type ZoneRecord = readonly [name: string, type: keyof typeof TYPES, data: string];

const TYPES = { A: 1, AAAA: 28, NAPTR: 35, SRV: 33 } as const;

/** A DNS server on a port of its own, and a resolver that asks it. */
export async function startDnsServer(zone: readonly ZoneRecord[]) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    let at = 12;
    const labels: string[] = [];
    for (; query[at] !== 0; at += query[at]! + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    const name = labels.join('.').toLowerCase();
    const type = query.readUInt16BE(at + 1);
    asked.push(`${name} ${Object.entries(TYPES).find(([, number]) => number === type)?.[0] ?? type}`);
    const answers = zone.filter((record) => record[0] === name && TYPES[record[1]] === type).map(formatRecord);
    const exists = zone.some((record) => record[0] === name);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(exists ? 0x8580 : 0x8583, 2);
    header.writeUInt16BE(answers.length, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, query.subarray(12, at + 5), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return { resolver, asked, close: () => new Promise<void>((resolve) => socket.close(() => resolve())) };
}

function formatRecord([name, type, data]: ZoneRecord): Buffer {
  const value = DATA[type](data);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(TYPES[type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt16BE(value.length, 8);
  return Buffer.concat([formatName(name), fixed, value]);
}

const DATA: Readonly<Record<keyof typeof TYPES, (data: string) => Buffer>> = {
  A: (data) => Buffer.from(data.split('.').map(Number)),
  AAAA: (data) =>
    Buffer.from(
      data
        .split(':')
        .map((part) => part.padStart(4, '0'))
        .join(''),
      'hex',
    ),
  SRV: (data) => {
    const [priority, weight, port, name] = data.split(' ');
    return Buffer.concat([numbers(priority, weight, port), formatName(name!)]);
  },
  NAPTR: (data) => {
    const [order, preference, flags, service, name] = data.split(' ');
    return Buffer.concat([numbers(order, preference), text(flags!), text(service!), text(''), formatName(name!)]);
  },
};

function numbers(...values: (string | undefined)[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(Number(value), index * 2);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, 'latin1')]);
}

function formatName(name: string): Buffer {
  const labels = name === '.' ? [] : name.split('.');
  return Buffer.concat([...labels.map(text), Buffer.of(0)]);
}
