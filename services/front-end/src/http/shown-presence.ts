import type { PresenceState, PublishedState } from '@rollcall/back-end';

const TEXTS = ['activity', 'note', 'calendar', 'phone', 'location'] as const;

/** The availability values of the back end, as HTTP clients know them. */
const STATES: Readonly<Record<number, string>> = {
  3000: 'available',
  4500: 'idle',
  6000: 'busy',
  7500: 'busy-idle',
  9000: 'do-not-disturb',
  12000: 'be-right-back',
  15000: 'away',
  18000: 'offline',
};

export type ShownPresence = ReturnType<typeof shownPresence>;

/**
 * What a watcher sees of an account, as the API shows it. The access level is not told: who is blocked is not to know it from
 * who is away.
 */
export function shownPresence(address: string, state: PresenceState) {
  return {
    address,
    state: STATES[state.availability] ?? 'offline',
    availability: state.availability,
    ...shownTexts(state),
    idleSince: state.idleSince ?? null,
    services: (state.services ?? []).map(({ id, contact = null, priority = null }) => ({ id, contact, priority })),
    person: state.person ?? null,
  };
}

/** What somebody has said by hand. */
export function shownSaid(said: { state: PublishedState; expiresAt?: Date } | undefined) {
  if (!said) return null;
  return {
    state: said.state.stated ?? null,
    ...shownTexts(said.state),
    expiresAt: said.expiresAt?.toISOString() ?? null,
  };
}

function shownTexts(state: Pick<PresenceState, (typeof TEXTS)[number]>) {
  return Object.fromEntries(TEXTS.map((name) => [name, state[name] ?? null])) as Record<
    (typeof TEXTS)[number],
    string | null
  >;
}
