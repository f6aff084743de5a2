// The states of a parsed definition, as far as this folder looks at them.

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly ItemProcessor?: { readonly States: States };
  readonly Branches?: readonly { readonly States: States }[];
}

export interface States {
  readonly [name: string]: State;
}

/** Every state of a definition, those inside Map and Parallel states too. */
export function allStates(states: States): [string, State][] {
  return Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor === undefined ? [] : allStates(state.ItemProcessor.States)),
    ...(state.Branches ?? []).flatMap((branch) => allStates(branch.States)),
  ]);
}

/** A copy in which each state, those inside Map and Parallel states too, is what `change` makes of it. */
export function mapStates(states: States, change: (state: State, name: string) => State): States {
  const inside = (child: { readonly States: States }) => ({
    ...child,
    States: mapStates(child.States, change),
  });
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => [
      name,
      change(
        {
          ...state,
          ...(state.ItemProcessor === undefined ? {} : { ItemProcessor: inside(state.ItemProcessor) }),
          ...(state.Branches === undefined ? {} : { Branches: state.Branches.map(inside) }),
        },
        name,
      ),
    ]),
  );
}

/** A task that its function's answer does not end: whoever has its token does. */
export function waitsForCallback(state: State): boolean {
  return state.Resource?.endsWith(".waitForTaskToken") ?? false;
}
