import { attributeOf, elementsOf, type XmlElement } from '../xml/element.ts';
import type { Step } from './node-selector.ts';

/** The only element that the steps lead to (RFC 4825 §6.3). undefined: there is none, or more than one. */
export function selectElement(root: XmlElement, steps: readonly Step[]): XmlElement | undefined {
  const [first, ...rest] = steps;
  let element = first === undefined ? undefined : onlyMatch([root], first);
  for (const step of rest) {
    if (element === undefined) return undefined;
    element = onlyMatch(elementsOf(element), step);
  }
  return element;
}

/** The step's position counts elements of its name, whatever their attributes are. */
function onlyMatch(siblings: XmlElement[], step: Step): XmlElement | undefined {
  const named = siblings.filter((one) => hasName(one, step));
  const placed = step.position === undefined ? named : named.slice(step.position - 1, step.position);
  const matches = placed.filter((one) => hasAttribute(one, step));
  return matches.length === 1 ? matches[0] : undefined;
}

export function hasName(element: XmlElement, { name }: Step): boolean {
  return name === undefined || (element.local === name.local && element.namespace === name.namespace);
}

export function hasAttribute(element: XmlElement, { attribute }: Step): boolean {
  return attribute === undefined || attributeOf(element, attribute.local, attribute.namespace) === attribute.value;
}
