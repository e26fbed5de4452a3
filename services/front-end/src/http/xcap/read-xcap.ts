import { getNode, type NodeSelector, readNodeSelector } from '@rollcall/presence';
import { Problem } from '../problem.ts';
import type { XcapTarget } from './target.ts';

/** What GET answers with. */
export interface XcapResource {
  contentType: string;
  text: string;
}

/** The node selector of a target, where it has one. @throws Problem 400 */
export function selectorOf({ node, query }: XcapTarget, namespace: string): NodeSelector | undefined {
  if (node === undefined) return undefined;
  const selector = readNodeSelector(node, query, namespace);
  if (!selector) throw new Problem(400, 'invalid-request', { detail: 'That is no node selector (RFC 4825 §6.3)' });
  return selector;
}

/** The document, or the part of it that is selected; undefined when there is none. */
export function resourceOf(
  document: XcapResource | undefined,
  selector: NodeSelector | undefined,
): XcapResource | undefined {
  return document && selector ? getNode(document.text, selector) : document;
}
