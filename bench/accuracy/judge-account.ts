// One account, from its seed to the judgement on each of its paths.
import type { ClassifiedRedelivery } from "../../core/correlate/path-deliveries.ts";
import type { Cause } from "../../core/model/delivery.ts";
import type { Finding, FindingDocument, Verdict } from "../../core/model/finding.ts";
import type { SimulatedAccount } from "../../simulator/account.ts";
import type { LogShape } from "../../simulator/logs/style.ts";
import type { TruePath } from "../../simulator/truth.ts";
import { judgePlans } from "./judge-plans.ts";
import type { JudgedPath, Logged } from "./judged-path.ts";
import { createRandomAccount, type LoggingSpec } from "./random-account.ts";
import { ruleInput } from "./rule-input.ts";
import type { RuleInput } from "./rules.ts";
import { scanAccount } from "./scan-account.ts";
import { type TrueWindow, truthOfWindow } from "./truth-of-path.ts";

/** Lines are read from this much before the window at most; see core/scan/plan-queries.ts. */
const MAX_LEAD_MS = 3_600_000;
const NOT_COUNTED: readonly LogShape[] = ["node-inspect", "node-two-arguments", "go-v"];

/**
 * Simulates an account, scans it, and holds what the scan says of each path against the truth.
 * @param paths of the account. @default eight
 */
export async function judgeAccount(seed: number, paths?: number): Promise<JudgedPath[]> {
  const random = createRandomAccount(seed, paths);
  const { account, truth, lookbackMinutes } = random;
  const { document, redeliveries } = await scanAccount(account, { lookbackMinutes });
  const { document: fromNumbers } = await scanAccount(account, { lookbackMinutes, readLogs: false });
  const startMs = Date.parse(document.scan.window.start);
  const endMs = Date.parse(document.scan.window.end);
  const plans = judgePlans(random, document, startMs, endMs);
  return truth.paths().map((path, index): JudgedPath => {
    const { queueArn } = path;
    const styles = random.logStyles[index] ?? [];
    const logged = loggedBy(styles.map(({ shape }) => shape));
    const rulesWithout = ruleInput({ account, queueArn, startMs, endMs, maxReceiveCount: 0 });
    const timing = timingOf(rulesWithout);
    const leadMs = Math.min(MAX_LEAD_MS, endMs - startMs, timing.leadMs);
    const window = truthOfWindow({
      truth,
      queueArn,
      startMs,
      endMs,
      readFromMs: startMs - leadMs,
      longestRunMs: timing.longestRunMs,
      named: logged !== "nothing",
      counted:
        logged === "ids-and-receive-count" && styles.every(({ losses }) => losses?.eventShare === undefined),
      failuresNamed: styles.every(({ losses }) => losses?.failuresUnnamed !== true),
      endsStated: styles.every(statesEnds),
      copiesTellable:
        styles.every(({ reportBatchItemFailures }) => reportBatchItemFailures !== true) &&
        !wasThrottled(account, path, startMs, endMs),
      mayOutlastMs: timing.mayOutlastMs,
    });
    const findings = document.findings.filter((finding) => finding.queueArn === queueArn);
    const verdict = verdictOf(path, document);
    const mine = redeliveries.filter((one) => one.queueArn === queueArn);
    return {
      account: seed,
      queueArn,
      logged,
      truth: {
        mustFind: window.mustFind,
        mayFind: window.mayFind,
        redeliveriesByCause: window.redeliveriesByCause,
        messages: window.messages,
        duplicates: window.duplicates,
        duplicatesOfTimeout: window.duplicatesOfTimeout,
        completedAgain: queueArn.endsWith(".fifo") ? null : window.completedAgain,
        innerDuplicates: window.innerDuplicates,
        innerDuplicatesOfTimeout: window.innerDuplicatesOfTimeout,
        verdict: trueVerdict(window, timing.exposed, verdict),
        quiet: window.mayFind.length === 0 && !timing.exposed,
      },
      said: findings
        .filter(({ evidence }) => evidence === "proven" || evidence === "measured")
        .map(({ cause, evidence }) => ({ cause, evidence })),
      flagged: findings.some(({ evidence }) => evidence !== "advisory"),
      verdict,
      plan: plans.get(queueArn) ?? null,
      fromNumbers: {
        duplicating: verdictOf(path, fromNumbers) === "duplicating",
        duplicateSharePercent: estimatedShare(
          fromNumbers.findings.filter((finding) => finding.queueArn === queueArn),
        ),
      },
      confusion: logged === "nothing" ? {} : confusionOf(window, mine),
      rules: { ...rulesWithout, maxReceiveCount: window.maxReceiveCount },
    };
  });
}

/** Old REPORT lines have no status, and none are written from level WARN on. */
function statesEnds({ logFormat, systemLogLevel, oddities }: LoggingSpec): boolean {
  return logFormat === "JSON" ? systemLogLevel !== "WARN" : oddities?.includes("no-status") !== true;
}

function wasThrottled(account: SimulatedAccount, path: TruePath, startMs: number, endMs: number): boolean {
  return path.functionArns.some((arn) => {
    const FunctionName = arn.split(":")[6] ?? "";
    const id = { namespace: "AWS/Lambda", metricName: "Throttles", dimensions: { FunctionName } };
    return account.metricPoints(id, startMs, endMs).some(({ sum }) => sum > 0);
  });
}

interface Timing {
  readonly longestRunMs: number;
  readonly leadMs: number;
  /** The visibility timeout without the longest wait for a batch. */
  readonly mayOutlastMs: number;
  /** The settings allow an overlap. */
  readonly exposed: boolean;
}

function timingOf({ visibilityTimeoutSeconds, consumers }: RuleInput): Timing {
  const longestRunMs = 1000 * Math.max(0, ...consumers.map((one) => one.functionTimeoutSeconds));
  return {
    longestRunMs,
    leadMs: visibilityTimeoutSeconds * 1000 + longestRunMs,
    mayOutlastMs:
      1000 * (visibilityTimeoutSeconds - Math.max(0, ...consumers.map((one) => one.batchingWindowSeconds))),
    exposed: consumers.some(
      (one) => one.functionTimeoutSeconds + one.batchingWindowSeconds > visibilityTimeoutSeconds,
    ),
  };
}

const verdictOf = ({ queueArn }: TruePath, document: FindingDocument): Verdict =>
  document.paths.find((path) => path.queueArn === queueArn)?.verdict ?? "unknown";

/** Where all that happened lies at the window's edges, or shows in no line, the calmer answer is right as well. */
function trueVerdict(window: TrueWindow, exposed: boolean, said: Verdict): Verdict {
  const calmest: Verdict = exposed && window.messages > 0 ? "at-risk" : "healthy";
  const calmer: Verdict = window.mayFind.length > 0 && calmest === "healthy" ? "retrying" : calmest;
  const strict = window.duplicates > 0 ? "duplicating" : calmer;
  const tolerated: readonly Verdict[] = [
    ...(window.plainDuplicates === 0 ? [calmer] : []),
    ...(window.mustFind.length === 0 ? [calmest] : []),
  ];
  return tolerated.includes(said) ? said : strict;
}

function loggedBy(shapes: readonly LogShape[]): Logged {
  if (shapes.includes("none")) return "nothing";
  return shapes.some((shape) => NOT_COUNTED.includes(shape)) ? "ids" : "ids-and-receive-count";
}

function estimatedShare(findings: readonly Finding[]): number | null {
  const shares = findings
    .filter(({ evidence }) => evidence === "measured")
    .map(({ counts }) => counts.duplicateSharePercent);
  return shares.find((share) => share !== null) ?? null;
}

/** Redeliveries by "true cause>said cause"; those that no reader of the logs could see are told apart. */
function confusionOf(window: TrueWindow, said: readonly ClassifiedRedelivery[]): Record<string, number> {
  const key = (one: { messageId: string; requestId: string }): string => `${one.messageId} ${one.requestId}`;
  const saidBy = new Map(said.map((one) => [key(one), one.cause]));
  const counts = new Map<string, number>();
  const add = (actual: Cause | "first", heard: string): void => {
    const pair = `${actual}>${heard}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  };
  for (const one of window.redeliveries) {
    const heard = saidBy.get(key(one));
    saidBy.delete(key(one));
    add(one.cause, heard ?? (one.visible ? "not said" : "not logged"));
  }
  for (const cause of saidBy.values()) add("first", cause);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
