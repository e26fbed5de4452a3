import {
  DocumentError,
  deleteNode,
  getNode,
  type NodeChange,
  type NodeSelector,
  putNode,
  type XcapError,
} from '@rollcall/presence';
import type { FrontEnd } from '../../sip/context.ts';
import { tokenInvalid } from '../authorize.ts';
import { Problem, unavailable } from '../problem.ts';
import type { XcapUser } from './authorize-xcap.ts';
import type { Condition } from './preconditions.ts';
import type { XcapDocument, XcapUsage } from './usage.ts';

export interface DocumentChange {
  usage: XcapUsage;
  selector: NodeSelector | undefined;
  /** Absent: to be removed. */
  body?: Buffer;
  /** Throws what the request's conditions say. */
  check(condition: Condition): void;
}

export type Changed = { outcome: 'created' | 'replaced' | 'deleted'; etag: string } | { outcome: 'not_found' };

/** The request cannot be done to the document (RFC 4825 §11): a 409 that says why. */
export class XcapConflict extends Error {
  override readonly name = 'XcapConflict';
  readonly error: XcapError;

  constructor(error: XcapError) {
    super(error.phrase ?? error.condition);
    this.error = error;
  }
}

/** How often a change is begun anew because somebody else was quicker. */
const ATTEMPTS = 5;

/**
 * RFC 4825 §8.2, §8.4: one change of a document, made to the version that its conditions were checked against.
 * @throws Problem, XcapConflict
 */
export async function changeDocument(frontEnd: FrontEnd, user: XcapUser, change: DocumentChange): Promise<Changed> {
  const { usage, selector, body, check } = change;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await usage.find(frontEnd, user);
    const isThere = !before.removed;
    // 1. What the document will be.
    const step = selector ? changeNode(before, selector, body) : changeWhole(isThere, body);
    // 2. Whether it may (§7.11).
    const exists = step.outcome === 'replaced' || step.outcome === 'deleted';
    check({ exists, etag: isThere ? String(before.version) : undefined });
    if (step.outcome === 'not_found') return step;
    if (step.outcome === 'conflict') throw new XcapConflict(step.error);
    // 3. The usage's schema and constraints are for the whole of it.
    const replaced = await refusing(() => {
      if (selector && body) checkKept(usage, String(step.document), selector);
      return usage.replace(frontEnd, user, step.document, before.version);
    });
    switch (replaced.outcome) {
      case 'replaced':
        return { outcome: step.outcome, etag: String(replaced.version) };
      case 'refused':
        throw new XcapConflict({ condition: 'constraint-failure', phrase: replaced.phrase });
      case 'credentials_changed':
        throw tokenInvalid();
      case 'conflict':
    }
  }
  throw unavailable(1, 'Others are changing the document');
}

type Step = NodeChange | { outcome: 'created' | 'replaced' | 'deleted'; document: Buffer | undefined };

function changeWhole(isThere: boolean, body: Buffer | undefined): Step {
  if (body) return { outcome: isThere ? 'replaced' : 'created', document: body };
  return isThere ? { outcome: 'deleted', document: undefined } : { outcome: 'not_found' };
}

function changeNode({ removed, text }: XcapDocument, selector: NodeSelector, body: Buffer | undefined): Step {
  if (removed) {
    if (!body) return { outcome: 'not_found' };
    return { outcome: 'conflict', error: { condition: 'no-parent', phrase: 'There is no such document' } };
  }
  return body ? putNode(text(), selector, body) : deleteNode(text(), selector);
}

/** RFC 4825 §8.2.1: what was put is found again under the same URI. */
function checkKept(usage: XcapUsage, document: string, selector: NodeSelector): void {
  if (getNode(usage.kept(document), selector)) return;
  const phrase = 'It would not be found again here: the pool gives it another name or place';
  throw new XcapConflict({ condition: 'cannot-insert', phrase });
}

/** What is wrong with a document, as XCAP says it. */
export async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    if (error.fault === 'too-large') throw new Problem(413, undefined, { detail: error.message });
    throw new XcapConflict({ condition: error.fault, phrase: error.message });
  }
}
