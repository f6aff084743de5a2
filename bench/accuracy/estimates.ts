// How far the duplicate shares that were estimated from metrics alone are from the truth.
import { median } from "simple-statistics";
import type { JudgedPath } from "./judged-path.ts";

/** True where a share was estimated though nothing was completed twice: no relative error can be given. */
export function isEstimateOfNothing({ fromNumbers, truth }: JudgedPath): boolean {
  return fromNumbers.duplicateSharePercent !== null && truth.completedAgain === 0;
}

/**
 * (estimate − truth) ÷ truth × 100 of each path with an estimate and with messages that were completed twice, where
 * truth = second deletions ÷ messages × 100. Above 0 = estimated too high.
 */
export function shareErrorsPercent(paths: readonly JudgedPath[]): number[] {
  return paths.flatMap(({ fromNumbers: { duplicateSharePercent: estimate }, truth }) => {
    if (estimate === null || truth.completedAgain === null || truth.completedAgain === 0) return [];
    const truePercent = (100 * truth.completedAgain) / truth.messages;
    return [(100 * (estimate - truePercent)) / truePercent];
  });
}

/** Median of the errors without their signs; null without errors. */
export function medianSize(errorsPercent: readonly number[]): number | null {
  return medianOf(errorsPercent.map(Math.abs));
}

/** @returns null without values. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : median([...values]);
}
