import { expect, test } from 'vitest';
import { DocumentError } from '../xml/document-error.ts';
import { readPidf } from './read-pidf.ts';

function read(content: string) {
  return readPidf(
    Buffer.from(
      `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" xmlns:c="urn:ietf:params:xml:ns:pidf:cipid" entity="sip:alice@example.org">${content}</presence>`,
    ),
  );
}

function open(content = ''): string {
  return `<tuple id="t1"><status><basic>open</basic></status>${content}</tuple>`;
}

/** As modules/presence/publisher.c of baresip prints it; its status is `unkown` until it is set. */
function ofBaresip(status: string): Buffer {
  return Buffer.from(
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\r\n<presence xmlns="urn:ietf:params:xml:ns:pidf"\r\n' +
      '    xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"\r\n    xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"\r\n' +
      '    entity="sip:alice@example.org">\r\n  <dm:person id="p4159"><rpid:activities/></dm:person>\r\n  <tuple id="t4109">\r\n' +
      `    <status>\r\n      <basic>${status}</basic>\r\n    </status>\r\n    <contact>sip:alice@example.org</contact>\r\n  </tuple>\r\n</presence>\r\n`,
  );
}

test.each([
  ['open', true],
  ['unkown', true],
  ['closed', false],
])("baresip's %s", (status, isOpen) => {
  expect(readPidf(ofBaresip(status))).toEqual({
    open: isOpen,
    ...(isOpen ? { services: [{ id: 't4109', contact: 'sip:alice@example.org' }] } : {}),
  });
});

test("linphone's away", () => {
  const document = `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" xmlns:pidfonline="http://www.linphone.org/xsds/pidfonline.xsd" entity="sip:alice@example.org" xmlns="urn:ietf:params:xml:ns:pidf">
 <tuple id="mg0g2-">
  <status>
   <basic>open</basic>
   <pidfonline:online/>
  </status>
  <contact priority="0.42">sip:alice@example.org</contact>
  <timestamp>2023-04-07T07:34:48Z</timestamp>
 </tuple>
 <dm:person id="axv3-v">
  <rpid:activities>
   <rpid:away/>
  </rpid:activities>
  <dm:timestamp>2023-04-10T14:41:29Z</dm:timestamp>
 </dm:person>
</presence>`;
  expect(readPidf(Buffer.from(document))).toEqual({
    open: true,
    stated: 'away',
    services: [{ id: 'mg0g2-', contact: 'sip:alice@example.org', priority: 0.42 }],
  });
});

test("eXosip's busy, in the namespace of a draft", () => {
  const document = `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:es="urn:ietf:params:xml:ns:pidf:status:rpid-status" entity="sip:alice@example.org">
<tuple id="sg89ae"><status><basic>open</basic><es:activities><es:activity>busy</es:activity></es:activities></status>
<contact priority="0.8">sip:alice@example.org</contact><note>busy</note></tuple></presence>`;
  expect(readPidf(Buffer.from(document))).toMatchObject({ open: true, stated: 'busy', note: 'busy' });
});

test("Asterisk's person on the phone, in another one's", () => {
  const document = `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:e="urn:ietf:params:xml:ns:pidf:status:rpid" xmlns:ce="urn:cisco:params:xml:ns:pidf:rpid" entity="sip:alice@example.org">
  <dm:person><e:activities><e:on-the-phone/><ce:alerting/></e:activities></dm:person>${open()}</presence>`;
  expect(readPidf(Buffer.from(document))).toMatchObject({ open: true, activity: 'on-the-phone' });
});

test.each([
  ['<r:busy/>', { stated: 'busy' }],
  ['<r:away/><r:meeting/>', { stated: 'away', activity: 'meeting' }],
  ['<r:permanent-absence/>', { stated: 'away' }],
  ['<r:busy/><r:other>do-not-disturb</r:other>', { stated: 'do-not-disturb' }],
  ['<r:away/><r:other>be-right-back</r:other>', { stated: 'be-right-back' }],
  ['<dnd xmlns="urn:cisco:params:xml:ns:pidf:rpid"/>', { stated: 'do-not-disturb' }],
  ['<r:note>x</r:note><r:vacation/>', { activity: 'vacation' }],
  ['<r:other>painting</r:other>', { activity: 'painting' }],
  ['<r:constructor/>', { activity: 'constructor' }],
  ['<r:unknown/>', {}],
  ['<busy xmlns="urn:example:other"/>', {}],
  ['', {}],
])('activities %s', (activities, expected) => {
  const state = read(`<dm:person id="p"><r:activities>${activities}</r:activities></dm:person>${open()}`);
  expect(state).toEqual({ open: true, services: [{ id: 't1' }], ...expected });
});

test('open when one of its tuples is, or when it has none', () => {
  const closed = '<tuple id="t0"><status><basic>closed</basic></status><contact>sip:a@b</contact></tuple>';
  expect(read('')).toEqual({ open: true });
  expect(read(closed)).toEqual({ open: false });
  expect(read(closed + open())).toEqual({ open: true, services: [{ id: 't1' }] });
});

test('user-input, note, location, card and phone', () => {
  const state = read(`${open('<contact priority="1">sip:a@b</contact><note>of the tuple</note>')}
    <tuple id="t2"><status><basic>open</basic></status><contact>tel:+4989123456</contact></tuple>
    <note xml:lang="en">of the document</note>
    <dm:person id="p"><r:place-type><office xmlns="urn:ietf:params:xml:ns:location-type"/></r:place-type>
      <c:display-name>Alice
      A.</c:display-name><c:homepage>https://example.org/</c:homepage><dm:note>of the person</dm:note></dm:person>
    <dm:device id="d"><r:user-input last-input="2026-11-22T10:00:00+01:00">idle</r:user-input><dm:deviceID>urn:x</dm:deviceID></dm:device>
    <calendar xmlns="urn:rollcall:presence">free until 15:00</calendar>`);
  expect(state).toEqual({
    open: true,
    idle: true,
    idleSince: '2026-11-22T09:00:00.000Z',
    note: 'of the person',
    calendar: 'free until 15:00',
    phone: 'tel:+4989123456',
    location: 'office',
    services: [{ id: 't1', contact: 'sip:a@b', priority: 1 }],
    person: { displayName: 'Alice A.', homepage: 'https://example.org/' },
  });
});

test.each(['active', ''])('user-input %s is not idle', (text) => {
  expect(read(`<dm:device id="d"><r:user-input last-input="yesterday">${text}</r:user-input></dm:device>`)).toEqual({
    open: true,
    idle: false,
  });
});

test('further elements of a service stay, with their namespaces; those about the person do not', () => {
  const [service] = read(
    open(`<o:service-description xmlns:o="urn:oma:xml:prs:pidf:oma-pres"><o:service-id>x &amp; y</o:service-id></o:service-description>
      <r:class>work</r:class><r:user-input>idle</r:user-input><r:mood><r:sad/></r:mood><r:activities><r:away/></r:activities>
      <gp:geopriv xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10">here</gp:geopriv><c:card>https://card</c:card>`),
  ).services!;
  expect(service!.xml).toBe(
    '<o:service-description xmlns:o="urn:oma:xml:prs:pidf:oma-pres"><o:service-id>x &amp; y</o:service-id></o:service-description>' +
      '<r:class xmlns:r="urn:ietf:params:xml:ns:pidf:rpid">work</r:class>',
  );
});

test('everything is bounded', () => {
  const state = read(
    `${Array.from({ length: 12 }, () => open(`<contact priority="7">sip:${'x'.repeat(250)}</contact><x xmlns="urn:x">${'y'.repeat(1_200)}</x>`)).join('')}
     <dm:person id="p"><r:activities><r:other>${'z'.repeat(300)}</r:other></r:activities><dm:note>${'💡'.repeat(600)}</dm:note></dm:person>`,
  );
  expect(state.services).toHaveLength(8);
  expect(new Set(state.services!.map(({ id }) => id))).toHaveProperty('size', 8);
  expect(state.services![0]).not.toHaveProperty('contact');
  expect(state.services![0]).not.toHaveProperty('priority');
  expect(state.activity).toHaveLength(200);
  expect(state.note).toHaveLength(1_000);
  expect(read(`<note>x${'💡'.repeat(600)}</note>`).note).toHaveLength(999);
  expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(65_536);
});

test('namespaces that repeat in each element do not make it grow', () => {
  const namespace = `urn:${'x'.repeat(400)}`;
  const state = read(open(`<x:a xmlns:x="${namespace}">${'<b xmlns:x="urn:a" x:c=""/>'.repeat(300)}</x:a>`));
  expect(state.services![0]!.xml ?? '').toHaveLength(0);
});

test.each([
  ['a wrong namespace', '<presence xmlns="urn:example:pidf" entity="sip:a@b"/>', 'schema-validation-error'],
  ['no namespace', '<presence entity="sip:a@b"/>', 'schema-validation-error'],
  ['another document', '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"/>', 'schema-validation-error'],
  ['a document type', '<!DOCTYPE presence><presence xmlns="urn:ietf:params:xml:ns:pidf"/>', 'not-well-formed'],
  ['1 MB', `<presence xmlns="urn:ietf:params:xml:ns:pidf">${' '.repeat(1_000_000)}</presence>`, 'too-large'],
])('%s is refused', (_name, document, fault) => {
  expect(() => readPidf(Buffer.from(document))).toThrow(expect.objectContaining({ fault }));
  expect(() => readPidf(Buffer.from(document))).toThrow(DocumentError);
});
