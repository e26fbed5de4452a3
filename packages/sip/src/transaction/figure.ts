import type { StateTable } from './state-table.ts';

/**
 * One arrow of a state machine as its figure has it, for the tests: in `state`, `input` leads to `next`, sends these
 * messages (statuses and methods), and tells the user this.
 */
export type Arrow<State, Input> = readonly [
  state: State,
  input: Input,
  next: State,
  sent: readonly (number | string)[],
  told?: readonly string[],
];

/** The arrows of a table, each as `state input`, sorted. */
export function arrowsOf(table: StateTable<string, object, never>): string[] {
  return Object.entries(table)
    .flatMap(([state, row]) => Object.keys(row).map((input) => `${state} ${input}`))
    .sort();
}

/** The arrow that a figure has for an input; one that it does not have leads nowhere and does nothing. */
export function arrowOf<State, Input>(
  figure: readonly Arrow<State, Input>[],
  state: State,
  input: Input,
): { next: State; sent: readonly (number | string)[]; told: readonly string[] } {
  const arrow = figure.find((each) => each[0] === state && each[1] === input);
  return { next: arrow?.[2] ?? state, sent: arrow?.[3] ?? [], told: arrow?.[4] ?? [] };
}
