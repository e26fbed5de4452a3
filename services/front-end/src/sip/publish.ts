import type { PublishOutcome, PublishRequest } from '@rollcall/back-end';
import { checkDialogInfo, DocumentError, readPidf } from '@rollcall/presence';
import { expires, type SipRequest, type SipResponse } from '@rollcall/sip';
import { type ActingSender, credentialsChanged, identifyActor } from './actor.ts';
import { requestedAddress } from './address-of-record.ts';
import { answer, unavailable } from './answer.ts';
import type { RequestContext } from './context.ts';
import { ALLOW_EVENTS, PUBLISHED_TYPES, requestedEvent } from './event-packages.ts';
import { isGone } from './gone.ts';
import { proxy } from './proxy.ts';

const MINIMUM_EXPIRES = 60;
const MAXIMUM_EXPIRES = 3600;
const MAXIMUM_BYTES = 25 * 1024;
/** As the entity tags of the back end are: the others match nothing. */
const MAXIMUM_ETAG = 64;

type Event = keyof typeof PUBLISHED_TYPES;

/** PUBLISH, RFC 3903 §6: the answer leaves after the back end has committed it. */
export async function publish(context: RequestContext): Promise<SipResponse | undefined> {
  const { frontEnd, request, flow } = context;
  // 1. The Request-URI: an address of this pool, or somebody else's business.
  const target = await requestedAddress(context);
  if (!target) return proxy(context);

  // 2. The event package.
  const event = requestedEvent(request)?.name;
  if (event !== 'presence' && event !== 'dialog') return answer(request, 489, [['Allow-Events', ALLOW_EVENTS]]);

  // Who sends it, before anything is read of it.
  const acting = await identifyActor(context);
  if ('status' in acting) return acting;
  const { actor, sender } = acting;
  if ('watcher' in actor) return answer(request, 403);

  // 3. to 6. The entity tag, the time and the body.
  const wanted = readPublication(request, event);
  if ('status' in wanted) return wanted;
  // Who has gone may still take back what the tag names.
  if (isGone(flow) && wanted.expires > 0) return unavailable(request, 1, 'Connection Is Gone');
  const endpoint = frontEnd.associations.findRegistered(flow, sender.address, '');
  const publication = { actor, target: { user: target.user, domain: target.domain }, event } as const;
  const outcome = await frontEnd.backEnd.publish({
    ...publication,
    ...wanted,
    flow: { frontEndId: frontEnd.lease.id, flow: flow.id, ...(endpoint && { endpointId: endpoint.id }) },
  });
  if (outcome.outcome === 'published' && wanted.etag === undefined && isGone(flow)) {
    // Nobody has heard of its tag.
    await takeBack(context, { ...publication, etag: outcome.etag, expires: 0 });
  }
  return result(context, acting, outcome);
}

async function takeBack({ frontEnd }: RequestContext, publication: PublishRequest): Promise<void> {
  const removed = await frontEnd.backEnd.publish(publication);
  if (removed.outcome === 'published' && removed.changed) frontEnd.notifier.changed([removed.accountId]);
}

function result(context: RequestContext, acting: ActingSender, outcome: PublishOutcome): SipResponse {
  const { frontEnd, request } = context;
  switch (outcome.outcome) {
    case 'published':
      if (outcome.changed) frontEnd.notifier.changed([outcome.accountId]);
      return answer(request, 200, [
        ['SIP-ETag', outcome.etag],
        ['Expires', String(outcome.expires)],
      ]);
    case 'moved':
      return unavailable(request, 1, 'Registered Elsewhere');
    case 'no_match':
      return answer(request, 412);
    case 'credentials_changed':
      return credentialsChanged(context, acting);
    case 'not_own_address':
      return answer(request, 403, [], 'Not Your Own Address');
    case 'unknown':
    case 'disabled':
      return answer(request, 404);
  }
}

function readPublication(
  request: SipRequest,
  event: Event,
): Pick<PublishRequest, 'etag' | 'state' | 'expires'> | SipResponse {
  // RFC 3903 §6 step 4.
  const etag = request.headers.get('SIP-If-Match');
  if (etag !== undefined && (etag.length > MAXIMUM_ETAG || etag === '')) return answer(request, 412);
  // Step 5. A removal has nothing but the tag.
  const asked = expires(request) ?? MAXIMUM_EXPIRES;
  if (asked > 0 && asked < MINIMUM_EXPIRES) {
    return answer(request, 423, [['Min-Expires', String(MINIMUM_EXPIRES)]]);
  }
  const rest = { expires: Math.min(asked, MAXIMUM_EXPIRES), ...(etag !== undefined && { etag }) };
  // Step 6.
  if (request.body.length === 0) {
    return etag === undefined ? answer(request, 400, [], 'Nothing Is Published') : rest;
  }
  if (request.body.length > MAXIMUM_BYTES) return answer(request, 413);
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== PUBLISHED_TYPES[event]) return answer(request, 415, [['Accept', PUBLISHED_TYPES[event]]]);
  if (request.headers.has('Content-Encoding')) return answer(request, 415, [['Accept-Encoding', 'identity']]);
  try {
    const state = event === 'presence' ? readPidf(request.body) : { document: checkDialogInfo(request.body) };
    return { ...rest, state };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return answer(request, 400, [], reasonOf(error));
  }
}

/** One line of plain characters, whatever the document had in it. */
function reasonOf({ message }: DocumentError): string {
  return message.slice(0, 100).replace(/[^ -~]/g, ' ');
}
