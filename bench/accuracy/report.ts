// What the accuracy benchmark measured: the document that `--json` writes and the tables are printed from.
import * as z from "zod";
import { Cause } from "../../core/model/delivery.ts";

/** Low and high end of a 95 % interval; null where nothing was drawn or the method can say nothing. */
const Interval = z.tuple([z.number(), z.number()]).readonly().nullable();
const Count = z.int().min(0);
const Share = z.number().min(0).max(1).nullable();

/** Of one contestant and one question. Null = no support, never 0 or 1. */
export const Score = z.strictObject({
  precision: Share,
  precisionInterval: Interval,
  recall: Share,
  recallInterval: Interval,
  f1: Share,
  f1Interval: Interval,
  /** Paths of which it must be said. */
  support: Count,
  /** Paths of which it was said. */
  said: Count,
});
export type Score = z.infer<typeof Score>;

/** "Does this queue's timeout make duplicates?", and the same for "is work done twice at all?". */
const Contestant = Score.extend({ workDoneTwice: Score });
export type Contestant = z.infer<typeof Contestant>;

/** How many of how many, as a share with its interval. */
const Proportion = z.strictObject({ count: Count, of: Count, share: Share, interval: Interval });
export type Proportion = z.infer<typeof Proportion>;

/** Counts by what was true, then by what was said. */
const Confusion = z.record(z.string(), z.record(z.string(), Count));
export type Confusion = z.infer<typeof Confusion>;

const Plans = z.strictObject({
  right: Count,
  useless: Count,
  harmful: Count,
  /** Paths where the timeout makes most duplicates and no plan was proposed. */
  missing: Count,
  /** Median distance of the predicted from the simulated duplicates left, in percent of messages. */
  predictionMedianErrorPercentagePoints: z.number().nullable(),
});

const Estimates = z.strictObject({
  /** Estimates of paths that had duplicates. */
  count: Count,
  /** Estimates of paths that had none: no relative error can be given. */
  ofNothing: Count,
  /** Interval of the median of |estimate − truth| ÷ truth × 100. */
  medianErrorInterval: Interval,
  /** Median of (estimate − truth) ÷ truth × 100: above 0 = too high. */
  medianBiasPercent: z.number().nullable(),
});

/** Paths with work done twice that were called duplicating, by the true share of duplicates. */
const ByShare = z.array(
  z.strictObject({ abovePercent: z.number(), upToPercent: z.number().nullable(), found: Proportion }),
);

/** Everything that is measured of a set of paths. */
export const Measures = z.strictObject({
  accounts: Count,
  paths: Count,
  causes: z.partialRecord(Cause, Score),
  /** Of the causes said with this evidence, those that may be said. */
  evidence: z.strictObject({ proven: Proportion, measured: Proportion }),
  /** Paths of which `unknown` was said. */
  abstentions: Count,
  /** Redeliveries: true cause or "first", then the cause said or "not said". */
  confusion: Confusion,
  /** Paths: `confusion` by the true verdict, then by the verdict said. */
  verdicts: z.strictObject({ accuracy: Proportion, confusion: Confusion }),
  plans: Plans,
  /** Share of quiet paths with a finding above advisory, in percent. */
  quietFlaggedPercent: z.number().nullable(),
  quietFlagged: Proportion,
  /** Median of |estimate − truth| ÷ truth × 100 over the duplicate shares estimated from metrics alone. */
  duplicateShareMedianErrorPercent: z.number().nullable(),
  duplicateShare: Estimates,
  workDoneTwiceByShare: ByShare,
  /** The same of messages that were deleted twice, by a scan that reads no logs. */
  completedTwiceByShare: ByShare,
  doubletake: Contestant,
  baselines: z.record(z.string(), Contestant),
});
export type Measures = z.infer<typeof Measures>;

export const Target = z.strictObject({
  name: z.string(),
  /** E.g. "≥ 0.97". */
  goal: z.string(),
  value: z.number().nullable(),
  support: Count,
  status: z.enum(["met", "missed", "no support"]),
});
export type Target = z.infer<typeof Target>;

export const AccuracyReport = Measures.extend({
  /** Of the first account; the others follow it. */
  seed: z.int(),
  byLogged: z.strictObject({ "ids-and-receive-count": Measures, ids: Measures, nothing: Measures }),
  targets: z.array(Target),
});
export type AccuracyReport = z.infer<typeof AccuracyReport>;
