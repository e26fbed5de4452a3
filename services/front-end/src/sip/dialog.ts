import { instanceHash, type RoutedEndpoint } from '@rollcall/back-end';
import {
  type ClientTransactionUser,
  callId,
  contacts,
  DIALOG_TOKEN_PREFIX,
  type Flow,
  type ForkTarget,
  parseUri,
  readDialogToken,
  type SipRequest,
  type SipUri,
} from '@rollcall/sip';
import type { FrontEnd } from './context.ts';
import { type EndpointName, endpointTarget, type Forwarding, markStale } from './forwarding.ts';
import type { Sender } from './sender.ts';
import { instanceOf } from './target.ts';

/** How often the back end is asked where an endpoint is, while those that it names have lost their connections. */
const ATTEMPTS = 3;

export function hasDialogToken({ user }: SipUri): boolean {
  return user?.startsWith(DIALOG_TOKEN_PREFIX) ?? false;
}

/** Whom a request inside a dialog is for. */
export interface DialogSide {
  readonly name: EndpointName;
  readonly token: string;
  readonly callId: string;
  /** Where it was a moment ago. */
  readonly recent: RoutedEndpoint | undefined;
}

/**
 * The last token that came off the Route names the side that a request goes to. Undefined for one that is forged or of
 * another call.
 */
export function dialogSide(
  { keys, recentSides }: FrontEnd,
  request: SipRequest,
  taken: readonly SipUri[],
): DialogSide | undefined {
  const token = taken.findLast(hasDialogToken)?.user ?? '';
  const id = callId(request);
  const recent = recentSides.get(token, id);
  if (recent) return { name: recent.name, token, callId: id, recent: recent.endpoint };
  const name = readDialogToken(token, id, keys.gruu);
  return name && { name, token, callId: id, recent: undefined };
}

/** Where that endpoint is by now: after a reconnection it is another one of the same instance. */
export async function findSide(
  { backEnd, recentSides }: FrontEnd,
  { name, token, callId: id }: DialogSide,
  { uri }: { uri: string },
): Promise<RoutedEndpoint | undefined> {
  const found = await backEnd.route({ from: '', checkFrom: false, target: { ...name, uri } });
  const endpoint = found.outcome === 'routed' ? found.endpoints[0] : undefined;
  if (endpoint) recentSides.keep(token, id, { name, endpoint });
  return endpoint;
}

/**
 * What the pool will know the side of a sender by: the instance that its Contact names, else the endpoint that has registered
 * with this Contact. One that has not is known by its Contact alone, which comes back as the Request-URI.
 */
export async function senderSide(
  frontEnd: FrontEnd,
  request: SipRequest,
  sender: Sender,
  flow: Flow,
): Promise<EndpointName> {
  const name = { accountId: sender.account?.accountId ?? 0, endpointId: 0, instanceHash: '' };
  const list = contacts(request);
  const contact = list === '*' ? undefined : list[0];
  if (!contact || name.accountId === 0) return name;
  const uri = parseUri(contact.uri);
  const parameter = contact.parameters.get('+sip.instance');
  const instance = typeof parameter === 'string' ? parameter : uri.kind === 'sip' ? instanceOf(uri) : undefined;
  if (instance !== undefined) return { ...name, instanceHash: instanceHash(instance) };
  const endpoint =
    frontEnd.associations.findRegistered(flow, sender.address, contact.uri) ??
    (await findRegistered(frontEnd, name, contact.uri));
  return endpoint ? { ...name, endpointId: endpoint.id, instanceHash: endpoint.instanceHash } : name;
}

async function findRegistered({ backEnd }: FrontEnd, name: EndpointName, uri: string) {
  const found = await backEnd.route({ from: '', checkFrom: false, target: { ...name, uri } });
  return found.outcome === 'routed' ? found.endpoints[0] : undefined;
}

/** The other side of a dialog: one that has lost its connection is looked for again, since it may have another by now. */
export function dialogTarget(frontEnd: FrontEnd, forwarding: Forwarding, side: DialogSide): ForkTarget {
  return {
    q: 1000,
    start(user, maxBreadth) {
      const search = new Search(frontEnd, forwarding, side, user, maxBreadth);
      if (side.recent) search.send(side.recent, ATTEMPTS);
      else search.next(ATTEMPTS);
      return search;
    },
  };
}

class Search {
  readonly #frontEnd: FrontEnd;
  readonly #forwarding: Forwarding;
  readonly #side: DialogSide;
  readonly #user: ClientTransactionUser;
  readonly #maxBreadth: number;
  #sent: { cancel(): void } | undefined;
  #cancelled = false;

  constructor(
    frontEnd: FrontEnd,
    forwarding: Forwarding,
    side: DialogSide,
    user: ClientTransactionUser,
    maxBreadth: number,
  ) {
    this.#frontEnd = frontEnd;
    this.#forwarding = forwarding;
    this.#side = side;
    this.#user = user;
    this.#maxBreadth = maxBreadth;
  }

  next(attempts: number): void {
    findSide(this.#frontEnd, this.#side, this.#forwarding.request)
      .then((endpoint) => {
        if (endpoint && attempts > 0 && !this.#cancelled) this.send(endpoint, attempts);
        else this.#user.transportError(new Error('the other side of the dialog is not there'));
      })
      .catch((error) => this.#user.transportError(error));
  }

  cancel(): void {
    this.#cancelled = true;
    this.#sent?.cancel();
  }

  send(endpoint: RoutedEndpoint, attempts: number): void {
    const { name, token, callId: id } = this.#side;
    const again = (error: Error) => {
      if (this.#cancelled) return this.#user.transportError(error);
      this.#frontEnd.recentSides.forget(token, id);
      void markStale(this.#frontEnd, { ...endpoint, accountId: name.accountId, endpointId: endpoint.id }).then(() =>
        this.next(attempts - 1),
      );
    };
    try {
      this.#sent = endpointTarget(this.#frontEnd, this.#forwarding, name.accountId, endpoint).start(
        {
          response: (response) =>
            response.status === 430 ? again(new Error('its flow is gone')) : this.#user.response(response),
          timeout: () => this.#user.timeout(),
          transportError: again,
          accepted: () => this.#user.accepted?.(),
        },
        this.#maxBreadth,
      );
    } catch (error) {
      again(error as Error);
    }
  }
}
