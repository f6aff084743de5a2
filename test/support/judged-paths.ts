// Judged paths for the tests of the accuracy benchmark: a quiet path, and what differs from it.
import type { JudgedPath, PathTruth } from "../../bench/accuracy/judged-path.ts";
import type { RuleInput } from "../../bench/accuracy/rules.ts";
import type { Cause } from "../../core/model/delivery.ts";
import type { Evidence } from "../../core/model/finding.ts";

const QUIET: PathTruth = {
  mustFind: [],
  mayFind: [],
  redeliveriesByCause: {},
  messages: 1000,
  duplicates: 0,
  duplicatesOfTimeout: 0,
  completedAgain: 0,
  verdict: "healthy",
  quiet: true,
};

/** An hour of one message a minute on settings that AWS recommends. */
const CALM: RuleInput = {
  visibilityTimeoutSeconds: 360,
  consumers: [{ functionTimeoutSeconds: 60, batchingWindowSeconds: 0 }],
  sentByMinute: Array.from({ length: 60 }, () => 1),
  invocationsByMinute: Array.from({ length: 60 }, () => 1),
  oldestAgeSecondsByMinute: Array.from({ length: 60 }, () => 5),
  maxReceiveCount: 1,
};

export function ruleInput(changes: Partial<RuleInput> = {}): RuleInput {
  return { ...CALM, ...changes };
}

/** What a scan that reads no logs estimates. */
export const estimated = (duplicateSharePercent: number): JudgedPath["fromNumbers"] => ({
  duplicating: true,
  duplicateSharePercent,
});

type Changes = Partial<Omit<JudgedPath, "truth">> & { readonly truth?: Partial<PathTruth> };

export function judgedPath({ truth = {}, ...changes }: Changes = {}): JudgedPath {
  return {
    account: 1,
    queueArn: "arn:aws:sqs:eu-central-1:111122223333:orders",
    logged: "ids",
    said: [],
    flagged: false,
    verdict: "healthy",
    plan: null,
    fromNumbers: { duplicating: false, duplicateSharePercent: null },
    confusion: {},
    rules: ruleInput(),
    ...changes,
    truth: { ...QUIET, quiet: Object.keys(truth).length === 0, ...truth },
  };
}

/** A path whose redeliveries had one cause, 50 of them duplicates of 1,000 messages, and what was said of it. */
export function pathWith(
  cause: Cause,
  said: Cause | null,
  { evidence = "proven" as Evidence, ...changes }: Changes & { readonly evidence?: Evidence } = {},
): JudgedPath {
  return judgedPath({
    said: said === null ? [] : [{ cause: said, evidence }],
    flagged: said !== null,
    verdict: said === null ? "healthy" : "duplicating",
    fromNumbers: { duplicating: said !== null, duplicateSharePercent: null },
    ...changes,
    truth: {
      mustFind: [cause],
      mayFind: [cause],
      redeliveriesByCause: { [cause]: 50 },
      duplicates: 50,
      completedAgain: 50,
      duplicatesOfTimeout: ["visibility-expired", "deleted-too-late"].includes(cause) ? 50 : 0,
      verdict: "duplicating",
      ...changes.truth,
    },
  });
}
