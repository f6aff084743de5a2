// Counts over whole paths: verdicts, plans, evidence, and the confusion of single redeliveries.
import type { Evidence } from "../../core/model/finding.ts";
import { medianOf } from "./estimates.ts";
import { wilson } from "./intervals.ts";
import type { JudgedPath } from "./judged-path.ts";
import { COMPLETED_TWICE, TIMEOUT_TOO_SHORT, WORK_DONE_TWICE } from "./questions.ts";
import type { Confusion, Measures, Proportion } from "./report.ts";

export function verdictsOf(paths: readonly JudgedPath[]): Measures["verdicts"] {
  return {
    accuracy: proportion(paths, ({ truth, verdict }) => truth.verdict === verdict),
    confusion: crossTable(paths.map(({ truth, verdict }) => [truth.verdict, verdict, 1])),
  };
}

export function plansOf(paths: readonly JudgedPath[]): Measures["plans"] {
  const plans = paths.flatMap(({ plan }) => plan ?? []);
  const count = (judgement: string): number => plans.filter((plan) => plan.judgement === judgement).length;
  const errors = plans.flatMap(({ predictedAfterPercent, simulatedAfterPercent }) =>
    predictedAfterPercent === null ? [] : [Math.abs(predictedAfterPercent - simulatedAfterPercent)],
  );
  return {
    right: count("right"),
    useless: count("useless"),
    harmful: count("harmful"),
    missing: paths.filter((path) => path.plan === null && wantsPlan(path)).length,
    predictionMedianErrorPercentagePoints: medianOf(errors),
  };
}

/** The timeout makes more than half of the duplicates. */
function wantsPlan(path: JudgedPath): boolean {
  return TIMEOUT_TOO_SHORT.mustSay(path) && path.truth.duplicatesOfTimeout > path.truth.duplicates / 2;
}

/** Causes said with this evidence, and those of them that may be said. */
export function rightOf(paths: readonly JudgedPath[], evidence: Evidence): Proportion {
  const claims = paths.flatMap(({ said, truth }) =>
    said
      .filter((one) => one.evidence === evidence && one.cause !== "unknown")
      .map(({ cause }) => truth.mayFind.includes(cause) || truth.mustFind.includes(cause)),
  );
  return proportion(claims, (right) => right);
}

/** Ends of the bands of the duplicate share, in percent of messages. */
const SHARE_BANDS = [0, 0.5, 2, 10] as const;

type ByShare = Measures["workDoneTwiceByShare"];

/** What share of duplicates it takes for them to be noticed: duplicates ÷ messages × 100 in (above, up to]. */
export const foundByShare = (paths: readonly JudgedPath[]): ByShare =>
  byShare(paths.filter(WORK_DONE_TWICE.mustSay), ({ truth }) => truth.duplicates, WORK_DONE_TWICE.doubletake);

/** The same from metrics alone, of messages that were deleted twice. */
export const foundByNumbers = (paths: readonly JudgedPath[]): ByShare =>
  byShare(paths, ({ truth }) => truth.completedAgain ?? 0, COMPLETED_TWICE.doubletake);

function byShare(
  paths: readonly JudgedPath[],
  countOf: (path: JudgedPath) => number,
  found: (path: JudgedPath) => boolean,
): ByShare {
  return SHARE_BANDS.map((abovePercent, band) => {
    const upToPercent = SHARE_BANDS[band + 1] ?? null;
    const inBand = paths.filter((path) => {
      const percent = (100 * countOf(path)) / path.truth.messages;
      return percent > abovePercent && (upToPercent === null || percent <= upToPercent);
    });
    return { abovePercent, upToPercent, found: proportion(inBand, found) };
  });
}

/** Adds up the "true>said" counts of all paths. */
export function confusionOf(paths: readonly JudgedPath[]): Confusion {
  return crossTable(
    paths.flatMap((path) =>
      Object.entries(path.confusion).map(([pair, redeliveries]): Cell => {
        const [truth = "", said = ""] = pair.split(">");
        return [truth, said, redeliveries];
      }),
    ),
  );
}

type Cell = readonly [truth: string, said: string, count: number];

/** Rows by what was true, columns by what was said. */
function crossTable(cells: readonly Cell[]): Confusion {
  const rows: Record<string, Record<string, number>> = {};
  for (const [truth, said, count] of cells) {
    const row = rows[truth] ?? {};
    row[said] = (row[said] ?? 0) + count;
    rows[truth] = row;
  }
  return rows;
}

export function proportion<Item>(items: readonly Item[], counts: (item: Item) => boolean): Proportion {
  const count = items.filter(counts).length;
  const of = items.length;
  return { count, of, share: of === 0 ? null : count / of, interval: wilson(count, of) };
}
