import { formatXcapError, XCAP_ERROR_TYPE } from '@rollcall/presence';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FrontEnd } from '../../sip/context.ts';
import type { Api } from '../api.ts';
import { Problem } from '../problem.ts';
import { authorizeXcap, type XcapUser } from './authorize-xcap.ts';
import { CAPABILITIES, CAPABILITIES_NAMESPACE, CAPABILITIES_TYPE } from './capabilities.ts';
import { changeDocument, type DocumentChange, refusing, XcapConflict } from './change-document.ts';
import { checkPreconditions, quoteTag } from './preconditions.ts';
import { presRulesUsage } from './pres-rules-usage.ts';
import { resourceOf, selectorOf, type XcapResource } from './read-xcap.ts';
import { resourceListsUsage } from './resource-lists-usage.ts';
import { readTarget, XCAP_ROOT, type XcapTarget } from './target.ts';
import type { XcapUsage } from './usage.ts';

const USAGES: readonly XcapUsage[] = [resourceListsUsage, presRulesUsage];

/** The one document that each of them keeps for a user. */
const INDEX = 'index';

/** What a PUT of a part has to be (RFC 4825 §8.2.3, §8.2.4). */
const PART_TYPES = { element: 'application/xcap-el+xml', attribute: 'application/xcap-att+xml' } as const;

/** Bytes of a request's body. */
const BODY_LIMIT = 1_048_576;

/** What was found out about a request before its body was read. */
interface Asked {
  target: XcapTarget;
  usage: XcapUsage;
  user: XcapUser;
}

/** XCAP (RFC 4825): contact lists and access rules as documents. docs/presence.md has what is kept of them. */
export function addXcapRoutes(server: FastifyInstance, api: Api): void {
  server.register(async (xcap) => {
    const asked = new WeakMap<FastifyRequest, Asked>();
    xcap.removeAllContentTypeParsers();
    xcap.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    // Nobody's megabyte is read before it is known whose it is.
    xcap.addHook('onRequest', async (request) => {
      const target = readTarget(request.raw.url ?? '');
      if (!target) throw new Problem(404, undefined);
      if (target.owner) asked.set(request, await identify(api.frontEnd(), request, target));
    });
    const options = { schema: { hide: true }, bodyLimit: BODY_LIMIT };
    xcap.get(`${XCAP_ROOT}/*`, options, async (request, reply) => {
      const known = asked.get(request);
      return known ? getOwn(api.frontEnd(), request, reply, known) : getCapabilities(request, reply);
    });
    for (const method of ['PUT', 'DELETE'] as const) {
      xcap.route({
        ...{ method, url: `${XCAP_ROOT}/*`, ...options },
        handler: async (request, reply) => {
          const known = asked.get(request);
          if (!known) throw notAllowed();
          return change(api.frontEnd(), request, reply, known);
        },
      });
    }
  });
}

/** RFC 4825 §8.1, §5.7: a user's documents are the user's alone. @throws Problem 401, 403, 404, 429 */
async function identify(frontEnd: FrontEnd, request: FastifyRequest, target: XcapTarget): Promise<Asked> {
  const { owner, auid, document } = target;
  const domain = owner && (await frontEnd.domains.find(owner.domain));
  if (domain === undefined) throw new Problem(404, undefined);
  const user = await authorizeXcap(frontEnd, request, domain);
  if (user.user !== owner?.user || user.domain !== domain) {
    throw new Problem(403, 'not-permitted', { detail: 'These are the documents of somebody else' });
  }
  const usage = USAGES.find((one) => one.auid === auid);
  if (!usage || document !== INDEX) {
    throw new Problem(404, undefined, { detail: 'No such application usage or document' });
  }
  return { target, usage, user };
}

async function getOwn(
  frontEnd: FrontEnd,
  request: FastifyRequest,
  reply: FastifyReply,
  { target, usage, user }: Asked,
) {
  const selector = selectorOf(target, usage.namespace);
  const { version, removed, text } = await usage.find(frontEnd, user);
  const document = !removed ? { contentType: usage.contentType, text: text() } : undefined;
  return sendResource(request, reply, await refusing(async () => resourceOf(document, selector)), version);
}

/** RFC 4825 §12. */
function getCapabilities(request: FastifyRequest, reply: FastifyReply) {
  const target = readTarget(request.raw.url ?? '');
  if (target?.auid !== 'xcap-caps' || target.document !== INDEX) throw new Problem(404, undefined);
  const document = { contentType: CAPABILITIES_TYPE, text: CAPABILITIES };
  return sendResource(request, reply, resourceOf(document, selectorOf(target, CAPABILITIES_NAMESPACE)), 1);
}

function sendResource(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  resource: XcapResource | undefined,
  version: number,
): FastifyReply {
  if (!resource) throw new Problem(404, undefined);
  const etag = String(version);
  const verdict = checkPreconditions(method, headers, { etag, exists: true });
  if (verdict === 'precondition_failed') throw preconditionFailed();
  reply.header('ETag', quoteTag(etag)).header('Cache-Control', 'private, no-cache');
  if (verdict === 'not_modified') return reply.code(304).send();
  return reply.type(resource.contentType).send(Buffer.from(resource.text));
}

/** PUT and DELETE (RFC 4825 §7.1 to §7.4, §8.2 to §8.4). */
async function change(
  frontEnd: FrontEnd,
  request: FastifyRequest,
  reply: FastifyReply,
  { target, usage, user }: Asked,
) {
  const selector = selectorOf(target, usage.namespace);
  if (selector?.terminal.kind === 'namespaces') throw notAllowed();
  const wanted: DocumentChange = {
    ...{ usage, selector },
    check(condition) {
      if (checkPreconditions(request.method, request.headers, condition) !== 'go_on') throw preconditionFailed();
    },
  };
  if (request.method === 'PUT')
    wanted.body = bodyOf(request, selector ? PART_TYPES[selector.terminal.kind] : usage.contentType);
  try {
    const changed = await changeDocument(frontEnd, user, wanted);
    if (changed.outcome === 'not_found') throw new Problem(404, undefined);
    return reply
      .code(changed.outcome === 'created' ? 201 : 200)
      .header('ETag', quoteTag(changed.etag))
      .send();
  } catch (error) {
    if (error instanceof XcapConflict) return sendConflict(reply, error, target);
    throw error;
  }
}

/** RFC 4825 §8.2.1 (415), and no encoding: what is small on the wire and large in memory is nobody's contact list. */
function bodyOf({ headers, body }: FastifyRequest, contentType: string): Buffer {
  const given = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (given !== contentType || (headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Problem(415, undefined, { detail: `This is to be ${contentType}, without Content-Encoding` });
  }
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** RFC 4825 §11. */
function sendConflict(reply: FastifyReply, { error }: XcapConflict, { documentUri }: XcapTarget): FastifyReply {
  const { ancestor } = error;
  const full = !ancestor ? error : { ...error, ancestor: `${documentUri}/~~${ancestor}` };
  return reply
    .code(409)
    .type(XCAP_ERROR_TYPE)
    .send(Buffer.from(formatXcapError(full)));
}

function preconditionFailed(): Problem {
  return new Problem(412, undefined, { detail: 'The document is another one by now' });
}

/** RFC 4825 §7.10: namespace bindings are read, and so is what the server says of itself. */
function notAllowed(): Problem {
  return new Problem(405, undefined, { headers: { Allow: 'GET, HEAD' } });
}
