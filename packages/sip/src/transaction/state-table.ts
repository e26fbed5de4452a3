/**
 * A state machine as a table: state × input → [next state, action]. `Inputs` maps the name of each input to what comes
 * with it. It holds the arrows of its figure: an input that a state does not list is ignored there.
 */
export type StateTable<State extends string, Inputs, Machine> = {
  readonly [S in State]: {
    readonly [I in keyof Inputs]?: readonly [next: State, action: (machine: Machine, argument: Inputs[I]) => void];
  };
};
