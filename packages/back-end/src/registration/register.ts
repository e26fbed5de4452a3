import { bigints, booleans, integers, smallints, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { type RegisterOutcome, readOutcomes } from './register-outcome.ts';
import type { BindingChange, RegisterRequest } from './register-request.ts';

const PARAMETERS = Array.from({ length: 27 }, (_, index) => `$${index + 1}`).join(', ');
const REGISTER = { name: 'register', text: `select * from api.register(${PARAMETERS}, p_ages => $28)` };
const REGISTER_AT = {
  name: 'register_at',
  text: `select * from api.register(${PARAMETERS}, p_ages => $28, p_now => $29)`,
};

/** api.register for a batch of distinct accounts; outcomes in the order of the requests. */
export async function register(
  connections: Connections,
  requests: readonly RegisterRequest[],
): Promise<RegisterOutcome[]> {
  const now = requests[0]?.now;
  // Only tests set the time, each its own.
  if (requests.some((request) => request.now?.getTime() !== now?.getTime())) {
    const outcomes: RegisterOutcome[] = [];
    for (const request of requests) outcomes.push(...(await register(connections, [request])));
    return outcomes;
  }
  const values = parameters(requests);
  const call = now ? { ...REGISTER_AT, values: [...values, now] } : { ...REGISTER, values };
  return readOutcomes(requests.length, await connections.call(call));
}

function parameters(requests: readonly RegisterRequest[]): (Buffer | null)[] {
  const bindings = requests.flatMap((request, index) =>
    distinct(request.changes).map((change) => ({ request: index + 1, change })),
  );
  return [
    bigints(requests, ({ account }) => ('response' in account ? null : account.accountId)),
    integers(requests, ({ account }) => ('response' in account ? null : account.credentialVersion)),
    bigints(requests, (request) => request.nonce?.id),
    bigints(requests, (request) => request.nonce?.count),
    texts(requests, (request) => request.callId),
    bigints(requests, (request) => request.cseq),
    booleans(requests, (request) => request.removeAll),
    integers(requests, (request) => request.maximumEndpoints),
    integers(requests, (request) => request.frontEndId),
    texts(requests, (request) => request.flow),
    texts(requests, (request) => request.receivedFrom),
    texts(requests, (request) => request.userAgent),
    integers(bindings, (binding) => binding.request),
    texts(bindings, ({ change }) => change.key),
    texts(bindings, ({ change }) => change.uri),
    integers(bindings, ({ change }) => change.expires),
    smallints(bindings, ({ change }) => change.q),
    texts(bindings, ({ change }) => change.instance),
    integers(bindings, ({ change }) => change.regId),
    texts(bindings, ({ change }) => change.path.join('\n')),
    texts(bindings, ({ change }) => change.transport),
    texts(bindings, ({ change }) => change.parameters),
    ...proofs(requests),
    integers(requests, ({ receivedAt }) => receivedAt && Math.floor(performance.now() - receivedAt)),
  ];
}

function proofs(requests: readonly RegisterRequest[]): (Buffer | null)[] {
  const list = requests.map(({ account }) => ('response' in account ? account : undefined));
  const none = !list.some((proof) => proof);
  return (['user', 'domain', 'algorithm', 'digested', 'response'] as const).map((name) =>
    none ? null : texts(list, (proof) => proof?.[name]),
  );
}

/** The procedure takes a binding once a request. */
function distinct(changes: readonly BindingChange[]): readonly BindingChange[] {
  if (changes.length < 2) return changes;
  const identity = (change: BindingChange) =>
    change.instance !== undefined && change.regId !== undefined ? `${change.instance} ${change.regId}` : change.key;
  return [...new Map(changes.map((change) => [identity(change), change])).values()];
}
