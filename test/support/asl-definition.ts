// What the stepper takes of a definition: the types of state that ours have, and of those their fields.
import { type Rule, StepperError } from "./asl-expressions.ts";

export interface ErrorRule {
  readonly ErrorEquals: readonly string[];
}

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: object;
  readonly ResultSelector?: object;
  readonly ResultPath?: string | null;
  readonly Result?: unknown;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Retry?: readonly (ErrorRule & { readonly MaxAttempts?: number })[];
  readonly Catch?: readonly (ErrorRule & { readonly ResultPath?: string | null; readonly Next: string })[];
  readonly Choices?: readonly (Rule & { readonly Next: string })[];
  readonly Default?: string;
  readonly Error?: string;
  readonly Cause?: string;
  readonly Next?: string;
  readonly End?: boolean;
}

/** By type, beside the fields that every state may have. */
const FIELDS: Readonly<Record<string, string>> = {
  Task: "Resource Parameters ResultSelector ResultPath TimeoutSeconds TimeoutSecondsPath Retry Catch",
  Pass: "Result Parameters ResultPath",
  Wait: "Seconds SecondsPath",
  Choice: "Choices Default",
  Succeed: "",
  Fail: "Error Cause",
};

const RESOURCE = /^arn:aws:states:::lambda:invoke(\.waitForTaskToken)?$/;

/** @throws StepperError where a state has what the stepper would skip. */
export function checkState(name: string, state: State): void {
  const refuse = (expected: string, got: unknown): never => {
    throw new StepperError(`${name}: expected ${expected}, got ${got}`);
  };
  const { Type, Resource = "", Retry = [], Catch = [], Next, End } = state;
  const fields = FIELDS[Type] ?? refuse(`a type of ${Object.keys(FIELDS)}`, Type);
  const known = ["Type", "Comment", "Next", "End", ...fields.split(" ")];
  const unknown = Object.keys(state).filter((field) => !known.includes(field));
  if (unknown.length > 0) refuse(`fields of ${known}`, unknown);
  if (!["Choice", "Succeed", "Fail"].includes(Type) && Next === undefined && End !== true) {
    refuse("Next or End", "neither");
  }
  if (Type === "Task" && !RESOURCE.test(Resource)) refuse("lambda:invoke, with or without a token", Resource);
  const odd = [...Retry, ...Catch]
    .flatMap((rule) => rule.ErrorEquals)
    .find((error) => error.startsWith("States.") && error !== "States.ALL" && error !== "States.Timeout");
  if (odd !== undefined) refuse("States.ALL, States.Timeout or our own errors", odd);
}
