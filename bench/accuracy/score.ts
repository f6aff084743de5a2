// Precision, recall and F1 of one contestant's answers to one question.
import { bootstrap, wilson } from "./intervals.ts";
import type { JudgedPath } from "./judged-path.ts";
import type { Answer, Question } from "./questions.ts";
import type { Score } from "./report.ts";

/** Answers counted over some paths. */
export interface Tally {
  /** Paths of which "yes" was said, and those of them where it may be said. */
  readonly said: number;
  readonly right: number;
  /** Paths of which "yes" must be said, and those of them where it was. */
  readonly asked: number;
  readonly found: number;
}

/** @returns an account's paths together, in the order of their first path. */
export function groupByAccount(paths: readonly JudgedPath[]): JudgedPath[][] {
  return [...Map.groupBy(paths, ({ account }) => account).values()];
}

export function tally(paths: readonly JudgedPath[], { mustSay, maySay }: Question, answer: Answer): Tally {
  const counts = { said: 0, right: 0, asked: 0, found: 0 };
  for (const path of paths) {
    const yes = answer(path);
    const asked = mustSay(path);
    if (yes) counts.said += 1;
    if (yes && maySay(path)) counts.right += 1;
    if (asked) counts.asked += 1;
    if (yes && asked) counts.found += 1;
  }
  return counts;
}

/**
 * Precision = right ÷ said, recall = found ÷ asked, F1 = 2PR ÷ (P + R), their harmonic mean. What nothing was drawn
 * for is null: precision where nothing was said, recall and F1 where nothing was asked. F1 is 0 where something was
 * asked and nothing found.
 *
 * @param accounts the paths of each account.
 * @param seed of the resampling.
 * @see van Rijsbergen, "Information Retrieval" (1979), chapter 7
 */
export function score(
  accounts: readonly (readonly JudgedPath[])[],
  question: Question,
  answer: Answer,
  seed: number,
): Score {
  const tallies = accounts.map((paths) => tally(paths, question, answer));
  const total = sum(tallies);
  const f1 = f1Of(total);
  return {
    precision: share(total.right, total.said),
    precisionInterval: wilson(total.right, total.said),
    recall: share(total.found, total.asked),
    recallInterval: wilson(total.found, total.asked),
    f1,
    f1Interval: f1 === null ? null : bootstrap(tallies, (sample) => f1Of(sum(sample)), seed),
    support: total.asked,
    said: total.said,
  };
}

/** @returns null where nothing was asked. */
export function f1Of({ said, right, asked, found }: Tally): number | null {
  if (asked === 0) return null;
  if (found === 0) return 0;
  const precision = right / said;
  const recall = found / asked;
  return (2 * precision * recall) / (precision + recall);
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function sum(tallies: readonly Tally[]): Tally {
  const total = { said: 0, right: 0, asked: 0, found: 0 };
  for (const { said, right, asked, found } of tallies) {
    total.said += said;
    total.right += right;
    total.asked += asked;
    total.found += found;
  }
  return total;
}
