// The copy of a definition that is run in this process, where no days pass: a wait that AWS would time is ended by
// whoever runs the workflow.
import { mapStates, type State, type States, waitsForCallback } from "./states.ts";

/** Twenty-three days. The interpreter gives a task one minute by default, and its timers overflow above 2^31 ms. */
const NEVER_SECONDS = 2_000_000;

export interface Definition {
  readonly TimeoutSeconds?: number;
  readonly States: States;
}

export interface LocalDefinitionOptions {
  /** Makes each Wait a Task, whose handler gets `{ input, seconds }`. */
  readonly waitsAsTasks: boolean;
}

export function localDefinition(
  definition: Definition,
  { waitsAsTasks }: LocalDefinitionOptions,
): Definition {
  const { TimeoutSeconds } = definition;
  return {
    ...definition,
    ...(TimeoutSeconds === undefined ? {} : { TimeoutSeconds: Math.min(TimeoutSeconds, NEVER_SECONDS) }),
    States: mapStates(definition.States, (state) => {
      if (waitsForCallback(state)) return untimed(state);
      return waitsAsTasks && state.Type === "Wait" ? asTask(state) : state;
    }),
  };
}

/** The path is still read, so that one which points to nothing fails here as it does on AWS. */
function untimed({ TimeoutSecondsPath: path, ...state }: State): State {
  return {
    ...state,
    TimeoutSeconds: NEVER_SECONDS,
    ...(path === undefined ? {} : { Parameters: { ...state.Parameters, "TimeoutSeconds.$": path } }),
  };
}

function asTask({ Seconds, SecondsPath, ...state }: State): State {
  return {
    ...state,
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: {
      "input.$": "$",
      ...(SecondsPath === undefined ? { seconds: Seconds } : { "seconds.$": SecondsPath }),
    },
    TimeoutSeconds: NEVER_SECONDS,
  };
}
