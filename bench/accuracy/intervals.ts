// 95 % intervals: how far chance alone could have moved a number, given how little was drawn.
import { quantileSorted } from "simple-statistics";
import { Random } from "../../simulator/engine/random.ts";

/** Low and high end. */
export type Interval = readonly [low: number, high: number];

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959964;
const RESAMPLES = 1000;
/** Fewer values than this make no percentiles worth the name. */
const MIN_UNITS = 3;

/**
 * Wilson's score interval of a share: centre (p + z²/2n) ÷ (1 + z²/n), half width
 * z ÷ (1 + z²/n) × √(p(1 − p)/n + z²/4n²). Unlike p ± z·√(p(1 − p)/n) it stays inside 0…1 and has a width at p = 1.
 *
 * @returns null without trials.
 * @throws {RangeError} when there are more successes than trials.
 * @see Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927)
 * @see Brown, Cai, DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001)
 */
export function wilson(successes: number, trials: number): Interval | null {
  if (successes < 0 || successes > trials) {
    throw new RangeError(`expected 0 to ${trials} successes, got ${successes}`);
  }
  if (trials === 0) return null;
  const share = successes / trials;
  const spread = Z ** 2 / trials;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / trials + spread / (4 * trials));
  return [
    successes === 0 ? 0 : Math.max(0, centre - half),
    successes === trials ? 1 : Math.min(1, centre + half),
  ];
}

/**
 * Percentile bootstrap: draws as many units as there are, with replacement, 1,000 times, and takes the 2.5th and the
 * 97.5th percentile of the statistic. A unit is an account, because the paths of one account share its draw of
 * imperfections. The same seed gives the same interval.
 *
 * @param statistic null where a sample holds nothing to compute it from; such samples are left out.
 * @returns null with fewer than three units, or where all samples agree (nothing went wrong, or nothing right):
 * the bootstrap then cannot know more than what was drawn.
 * @see Efron, Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13
 */
export function bootstrap<Unit>(
  units: readonly Unit[],
  statistic: (sample: readonly Unit[]) => number | null,
  seed: number,
): Interval | null {
  if (units.length < MIN_UNITS) return null;
  const random = new Random(seed);
  const values: number[] = [];
  for (let round = 0; round < RESAMPLES; round += 1) {
    const value = statistic(units.map((unit) => units[random.integer(0, units.length - 1)] ?? unit));
    if (value !== null) values.push(value);
  }
  if (values.length < MIN_UNITS) return null;
  values.sort((a, b) => a - b);
  const low = quantileSorted(values, 0.025);
  const high = quantileSorted(values, 0.975);
  return low === high ? null : [low, high];
}
