import { crc32c } from '../../packages/sip/src/transport/crc32c.ts';
import { BYTE_MUTATIONS, type Mutation } from './byte-mutations.ts';
import { HEADER_MUTATIONS } from './header-mutations.ts';
import type { Random } from './random.ts';

/** What the front end under attack has to trust; balancers of good and of bad will have addresses in it. */
export const BALANCERS = '127.0.4.0/24';
export const GOOD_BALANCER = '127.0.4.200';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** A header of version 2 with nothing wrong in it, for a client on IPv4. */
export function proxyHeader(client: string): Buffer {
  return version2(0x21, 0x11, [Buffer.from([...client.split('.').map(Number), 127, 0, 0, 1, 0xdc, 0x04, 0x13, 0xc4])]);
}

/** A header as a balancer may send it; its clients are documentation addresses, which no well-behaved client has. */
function validHeader(random: Random): Buffer {
  const client = [192, 0, 2, random.below(256)];
  const ports = random.bytes(4);
  const v6 = Buffer.from(`20010db8${'00'.repeat(11)}01`, 'hex');
  return random.pick([
    () => Buffer.from(`PROXY TCP4 ${client.join('.')} 198.51.100.1 ${random.below(65_536)} 5060\r\n`),
    () => Buffer.from(`PROXY TCP6 2001:db8::${random.below(9)} ::ffff:198.51.100.1 ${random.below(65_536)} 5060\r\n`),
    () => Buffer.from('PROXY UNKNOWN ffff:f...f:ffff 65535\r\n'),
    () => version2(0x20, random.pick([0x00, 0x11]), [random.bytes(12)]),
    () => version2(0x21, 0x11, [Buffer.from([...client, 198, 51, 100, 1]), ports, ...fields(random)]),
    () => version2(0x21, 0x21, [v6, v6, ports, ...fields(random)]),
    () => version2(0x21, 0x31, [Buffer.alloc(216), ...fields(random)]),
    () => withChecksum(version2(0x21, 0x11, [Buffer.from([...client, 198, 51, 100, 1]), ports, CHECKSUM])),
  ])();
}

/** PP2_TYPE_CRC32C, before its sum is known. */
const CHECKSUM = Buffer.from('03000400000000', 'hex');

/** TLS, ALPN, no operation, and any other type, of any length up to one that a header may not have. */
function fields(random: Random): Buffer[] {
  return Array.from({ length: random.below(4) }, () => {
    const value = random.bytes(random.chance(0.05) ? 4090 : random.below(20));
    const head = Buffer.from([random.pick([0x01, 0x02, 0x04, 0x05, 0x20, 0x30, random.below(256)]), 0, 0]);
    head.writeUInt16BE(value.length, 1);
    return Buffer.concat([head, value]);
  });
}

function version2(command: number, family: number, parts: readonly Buffer[]): Buffer {
  const rest = Buffer.concat(parts);
  const fixed = Buffer.from([command, family, 0, 0]);
  fixed.writeUInt16BE(rest.length, 2);
  return Buffer.concat([SIGNATURE, fixed, rest]);
}

function withChecksum(header: Buffer): Buffer {
  header.writeUInt32BE(crc32c(header), header.length - 4);
  return header;
}

const { hugeNumber, separators, lineEnd, caseChange, nested } = HEADER_MUTATIONS;

/** A length, a version, a command or a family that is not so. */
const lie: Mutation = (header, random) => {
  const copy = Buffer.from(header);
  for (const at of [random.pick([12, 13]), random.pick([14, 15])]) {
    if (at < copy.length && random.chance(0.7)) copy[at] = random.below(256);
  }
  return copy;
};

const MUTATIONS = [
  ...Object.values(BYTE_MUTATIONS),
  hugeNumber!,
  separators!,
  lineEnd!,
  caseChange!,
  nested!,
  lie,
  lie,
];

/** One header in four is left as it is: then what follows is read. */
export function hostileHeader(random: Random): Buffer {
  const header = validHeader(random);
  return random.chance(0.25) ? header : random.pick(MUTATIONS)(header, random, [validHeader(random)]);
}
