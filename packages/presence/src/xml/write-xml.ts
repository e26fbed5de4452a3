import type { XmlElement } from './element.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

// What XML 1.0 has no way to say (§2.2), and what stands for markup.
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const TEXT = /[&<>\r]/g;
const ATTRIBUTE = /[&<>"\t\r\n]/g;
const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const PLAIN = /^[\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\x7e]*$/;

export function escapeText(text: string): string {
  return PLAIN.test(text) ? text : writable(text).replace(TEXT, (character) => ESCAPES[character]!);
}

/** For between double quotes. */
export function escapeAttribute(text: string): string {
  return PLAIN.test(text) ? text : writable(text).replace(ATTRIBUTE, (character) => ESCAPES[character]!);
}

function writable(text: string): string {
  return text.toWellFormed().replace(FORBIDDEN, '\ufffd');
}

/** ` name="value"`, or nothing. */
export function attribute(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : ` ${name}="${typeof value === 'number' ? value : escapeAttribute(value)}"`;
}

/**
 * An element as text that can stand anywhere: it declares each namespace where it is first used.
 *
 * @returns undefined when it would be longer than `maximum`
 */
export function writeElement(element: XmlElement, maximum = Number.POSITIVE_INFINITY): string | undefined {
  const parts: string[] = [];
  return write(element, { '': '', xml: 'http://www.w3.org/XML/1998/namespace' }, parts, maximum) < 0
    ? undefined
    : parts.join('');
}

/** @returns how many characters are left; below zero it has stopped */
function write(element: XmlElement, scope: Readonly<Record<string, string>>, parts: string[], room: number): number {
  const name = qualified(element.prefix, element.local);
  let here = scope;
  let tag = `<${name}`;
  for (const { prefix, namespace } of [element, ...element.attributes.filter((one) => one.prefix !== '')]) {
    if (here[prefix] === namespace) continue;
    here = { ...here, [prefix]: namespace };
    tag += attribute(prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace);
  }
  for (const one of element.attributes) tag += attribute(qualified(one.prefix, one.local), one.value);
  const empty = element.children.length === 0;
  tag += empty ? '/>' : '>';
  let left = room - tag.length;
  parts.push(tag);
  for (const child of element.children) {
    if (left < 0) return left;
    if (typeof child !== 'string') left = write(child, here, parts, left);
    else {
      const text = escapeText(child);
      parts.push(text);
      left -= text.length;
    }
  }
  if (empty) return left;
  parts.push(`</${name}>`);
  return left - name.length - 3;
}

function qualified(prefix: string, local: string): string {
  return prefix === '' ? local : `${prefix}:${local}`;
}
