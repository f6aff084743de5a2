// What is asked of every path, and how Doubletake's answer is read from what it said. A question knows where "yes"
// must be said (recall asks for it) and where it may be said (elsewhere it is a false alarm).
import { Cause } from "../../core/model/delivery.ts";
import type { JudgedPath } from "./judged-path.ts";

export interface Question {
  readonly mustSay: (path: JudgedPath) => boolean;
  /** Holds wherever `mustSay` does. */
  readonly maySay: (path: JudgedPath) => boolean;
  readonly doubletake: Answer;
}

/** True where a contestant says "yes" of a path. */
export type Answer = (path: JudgedPath) => boolean;

/** Causes that a diagnosis can name; `unknown` is an abstention and names none. */
export const NAMED_CAUSES: readonly Cause[] = Cause.options.filter((cause) => cause !== "unknown");

/** The causes that a longer visibility timeout cures. */
const TIMEOUT_CAUSES = ["visibility-expired", "deleted-too-late"] as const satisfies readonly Cause[];

/** Did any of these causes bring messages back? */
export function broughtBackBy(...causes: readonly Cause[]): Question {
  const any = (present: readonly Cause[]): boolean => causes.some((cause) => present.includes(cause));
  return {
    mustSay: ({ truth }) => any(truth.mustFind),
    maySay: ({ truth }) => any(truth.mustFind) || any(truth.mayFind),
    doubletake: ({ said }) => any(said.map(({ cause }) => cause)),
  };
}

/** Does this queue's visibility timeout make messages come twice? The question that the rules were made for. */
export const TIMEOUT_TOO_SHORT: Question = broughtBackBy(...TIMEOUT_CAUSES);

/**
 * Is work done twice on this path, for whatever reason? Asked where duplicates weigh enough for the true verdict to be
 * "duplicating"; where there were fewer, "yes" is no false alarm.
 */
export const WORK_DONE_TWICE: Question = {
  mustSay: ({ truth }) => truth.verdict === "duplicating",
  maySay: ({ truth }) => truth.verdict === "duplicating" || truth.duplicates > 0,
  doubletake: ({ verdict }) => verdict === "duplicating",
};
