export interface XmlAttribute {
  prefix: string;
  local: string;
  /** '' without a prefix. */
  namespace: string;
  value: string;
}

/** An element with its place in the text that it was read from. Comments and processing instructions are not kept. */
export interface XmlElement {
  prefix: string;
  local: string;
  namespace: string;
  attributes: XmlAttribute[];
  /** Prefix → namespace, of this element's own xmlns attributes; '' is the default namespace. */
  declarations: Record<string, string>;
  children: (XmlElement | string)[];
  parent: XmlElement | undefined;
  /** Text offsets: of `<`, behind the start tag, of the end tag (as contentStart when empty), behind everything. */
  start: number;
  contentStart: number;
  contentEnd: number;
  end: number;
}

export function elementsOf(parent: XmlElement): XmlElement[] {
  return parent.children.filter((child) => typeof child !== 'string');
}

/** Its children of that name, in one of the namespaces. */
export function childrenOf(parent: XmlElement, namespaces: string | readonly string[], local: string): XmlElement[] {
  return elementsOf(parent).filter((child) => child.local === local && isIn(child, namespaces));
}

export function childOf(
  parent: XmlElement,
  namespaces: string | readonly string[],
  local: string,
): XmlElement | undefined {
  return childrenOf(parent, namespaces, local)[0];
}

export function isIn(element: XmlElement, namespaces: string | readonly string[]): boolean {
  return typeof namespaces === 'string' ? element.namespace === namespaces : namespaces.includes(element.namespace);
}

export function attributeOf(element: XmlElement, local: string, namespace = ''): string | undefined {
  return element.attributes.find((attribute) => attribute.local === local && attribute.namespace === namespace)?.value;
}

/** Its own text, white space folded. */
export function textOf(element: XmlElement): string {
  return element.children
    .filter((child) => typeof child === 'string')
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Which namespaces prefixes stand for inside an element; '' is the default one. */
export function namespacesIn(element: XmlElement | undefined): Record<string, string> {
  if (element === undefined) return {};
  return Object.assign(Object.create(null), namespacesIn(element.parent), element.declarations);
}
