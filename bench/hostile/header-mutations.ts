import type { Mutation } from './byte-mutations.ts';
import type { Random } from './random.ts';

const NUMBERS = [
  ...['0', '-1', '-0', '+1', '1e9', '0x10', '00000000000000000001', '2147483647', '2147483648', '4294967295'],
  ...[
    '4294967296',
    '9007199254740993',
    '18446744073709551616',
    '99999999999999999999999999999999',
    '',
    ' ',
    '١٢',
    'NaN',
  ],
];
const NESTED = [
  '"',
  '\\"',
  '\\',
  '<',
  '>',
  '(',
  ')',
  '<sip:',
  '"<',
  '>"',
  ',',
  ';',
  '=',
  ';;',
  ',,',
  '%',
  '%00',
  '%zz',
  '[',
];
const LINE_ENDS = ['\n', '\r', '\r\n ', '\r\n\t', '\r\r\n', '\n\r', '\r\n\r\n', ' \r\n'];
const NAMES = [
  ...['Via', 'v', 'From', 'f', 'To', 't', 'Call-ID', 'i', 'CSeq', 'Contact', 'm', 'Content-Length', 'l', 'Expires'],
  ...['Require', 'Proxy-Require', 'Supported', 'k', 'Route', 'Record-Route', 'Path', 'Authorization', 'Max-Forwards'],
  ...['Content-Type', 'Content-Encoding', 'Date', 'User-Agent', 'X-Any', 'Proxy-Authorization'],
];
const CONTACTS = [
  ...['*', '<sip:a@127.0.0.1:5090>;expires=0', '<sip:a@127.0.0.1:5090>;expires=-1', '<tel:+1>', '<sip:a@[::1]:5090>'],
  ...['<sips:a@b;transport=ws;ob>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"'],
  ...['<sip:a@b>;q=1.5;q=0.1;expires=99999999999', '<sip:a@b>;+sip.instance="\\"\\""', '<>', '<sip:>', 'sip:a@b;q=0.5'],
  ...['<sip:a%00b@c>;x="\u0000"', '<sip:\u00ff\u00fe@c>', '<http://example.org/>;expires=60'],
];

/** Changes that know where a message's lines, numbers and separators are; latin1 keeps every octet as it came. */
export const HEADER_MUTATIONS: Readonly<Record<string, Mutation>> = {
  hugeNumber: onText((text, random) => replaceOne(text, /\d+/g, random, random.pick(NUMBERS))),
  contentLength: onText((text, random) =>
    text.replace(/^(content-length|l)\s*:.*$/im, (_line, name) => `${name}: ${length(text, random)}`),
  ),
  addHeader: onText((text, random) => addLine(text, random, `${random.pick(NAMES)}: ${value(random)}`)),
  takeHeader: onLines((lines, random, others) => {
    const other = random.pick(others).toString('latin1').split('\r\n');
    lines.splice(1 + random.below(lines.length), 0, other[random.below(other.length)]!);
  }),
  dropHeader: onLines((lines, random) => void lines.splice(random.below(lines.length), 1)),
  repeatHeader: onLines((lines, random) => {
    const at = random.below(lines.length);
    const times = random.chance(0.03) ? 500 : 1;
    lines.splice(at, 0, ...Array.from({ length: times }, () => lines[at]!));
  }),
  swapHeaders: onLines((lines, random) => {
    const [a, b] = [random.below(lines.length), random.below(lines.length)];
    [lines[a], lines[b]] = [lines[b]!, lines[a]!];
  }),
  contact: onText((text, random) => addLine(text, random, `Contact: ${random.pick(CONTACTS)}`)),
  longHeader: onText((text, random) => {
    const size = random.chance(0.05) ? 60_000 : random.below(3000);
    return addLine(
      text,
      random,
      `${random.pick(NAMES)}: ${random.pick(['a', '"', '<sip:a@b>,', '%41', ';a=b', ' '])}`.padEnd(size, 'x'),
    );
  }),
  nested: onText((text, random) => {
    const deep = random.pick(NESTED).repeat(1 + random.below(random.chance(0.05) ? 2000 : 12));
    return insertAt(text, random, deep);
  }),
  lineEnd: onText((text, random) => replaceOne(text, /\r\n/g, random, random.pick(LINE_ENDS))),
  allLineEnds: onText((text, random) => text.replaceAll('\r\n', random.pick(LINE_ENDS))),
  caseChange: onText((text, random) => replaceOne(text, /[A-Za-z-]+/g, random, (word) => swapCase(word))),
  separators: onText((text, random) =>
    replaceOne(text, /[:;=,<>@ /"]/g, random, random.pick([...NESTED, ' : ', '\t', ''])),
  ),
  startLine: onText((text, random) =>
    text.replace(/^.*/, (line) => {
      const words = line.split(' ');
      words[random.below(words.length)] = random.pick([
        'ACK',
        'CANCEL',
        'INVITE',
        'BYE',
        'SIP/2.0',
        'SIP/3.0',
        'sips:',
        '*',
        'x'.repeat(99),
      ]);
      return words.join(' ');
    }),
  ),
};

function onText(change: (text: string, random: Random) => string): Mutation {
  return (message, random) => Buffer.from(change(message.toString('latin1'), random), 'latin1');
}

/** The lines of the head; the body stays. */
function onLines(change: (lines: string[], random: Random, others: readonly Buffer[]) => void): Mutation {
  return (message, random, others) => {
    const [head, ...body] = message.toString('latin1').split('\r\n\r\n');
    const lines = head!.split('\r\n');
    change(lines, random, others);
    return Buffer.from([lines.join('\r\n'), ...body].join('\r\n\r\n'), 'latin1');
  };
}

function replaceOne(text: string, what: RegExp, random: Random, by: string | ((found: string) => string)): string {
  const found = [...text.matchAll(what)];
  if (found.length === 0) return text;
  const { 0: old, index } = random.pick(found);
  return text.slice(0, index) + (typeof by === 'string' ? by : by(old)) + text.slice(index + old.length);
}

function insertAt(text: string, random: Random, part: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + part + text.slice(at);
}

/** After the start line, or after a later one. */
function addLine(text: string, random: Random, line: string): string {
  return replaceOne(text, /\r\n/g, random, `\r\n${line}\r\n`);
}

function value(random: Random): string {
  const kinds = [() => random.pick(NUMBERS), () => random.pick(NESTED).repeat(3), () => random.pick(CONTACTS)];
  return random.pick(kinds)();
}

function length(text: string, random: Random): string {
  const body = text.length - text.indexOf('\r\n\r\n') - 4;
  return random.pick([String(body + 1), String(Math.max(0, body - 1)), String(body + 70_000), ...NUMBERS]);
}

function swapCase(word: string): string {
  return word === word.toLowerCase() ? word.toUpperCase() : word.toLowerCase();
}
