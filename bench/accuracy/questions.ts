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

/** Did this cause bring messages back? Asked only where the logs let it be known. */
export function broughtBackBy(cause: Cause): Question {
  return {
    mustSay: ({ truth }) => truth.mustFind.includes(cause),
    maySay: ({ truth }) => truth.mustFind.includes(cause) || truth.mayFind.includes(cause),
    doubletake: ({ said }) => said.some((one) => one.cause === cause),
  };
}

/** The causes that a longer visibility timeout cures. */
const EXPIRED = broughtBackBy("visibility-expired");
const DELETED_TOO_LATE = broughtBackBy("deleted-too-late");

/**
 * Does this queue's visibility timeout make duplicates? Asked of every path, whatever its consumers log, because the
 * rules that people use read no logs.
 */
export const TIMEOUT_TOO_SHORT: Question = {
  mustSay: ({ truth }) => (truth.innerDuplicatesOfTimeout ?? truth.duplicatesOfTimeout) > 0,
  maySay: (path) =>
    path.truth.duplicatesOfTimeout > 0 || EXPIRED.maySay(path) || DELETED_TOO_LATE.maySay(path),
  doubletake: (path) => EXPIRED.doubletake(path) || DELETED_TOO_LATE.doubletake(path),
};

/** Is work done twice on this path, for whatever reason? Likewise asked of every path. */
export const WORK_DONE_TWICE: Question = {
  mustSay: ({ truth }) => (truth.innerDuplicates ?? truth.duplicates) > 0,
  maySay: ({ truth }) => truth.duplicates > 0,
  doubletake: ({ verdict }) => verdict === "duplicating",
};

/** What the counters can resolve: their errors alone make up to half a percent, and some messages at the edges. */
const LEAST_SHARE = 0.02;
const LEAST_MESSAGES = 20;

/**
 * Is work done twice, as far as numbers can tell? A second deletion is all that SQS's counters show of it. A batch that
 * is worked on again after a failure, work that was sent twice, and what a FIFO queue refuses to delete leave no trace.
 */
export const COMPLETED_TWICE: Question = {
  mustSay: ({ truth }) => share(truth) >= LEAST_SHARE && (truth.completedAgain ?? 0) >= LEAST_MESSAGES,
  maySay: ({ truth }) => truth.duplicates > 0,
  doubletake: ({ fromNumbers }) => fromNumbers.duplicating,
};

const share = ({ completedAgain, messages }: JudgedPath["truth"]): number =>
  (completedAgain ?? 0) / Math.max(1, messages);
