// Figures of a plan in words, for mails and pages.
import type { Change, RollBackBounds } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";

/** "45 s", "6 min", "1 h 30 min", "4 d": the two largest units. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor((whole % 86_400) / 3600), "h"],
    [Math.floor((whole % 3600) / 60), "min"],
    [whole % 60, "s"],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** "2026-11-23 18:00 UTC". */
export const utcMinute = (timeMs: number): string =>
  `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** One row of what the plan changes. */
export interface TradeOffRow {
  readonly what: string;
  readonly now: string;
  readonly after: string;
}

export function tradeOffRows({ tradeOffs, from, to }: Plan): TradeOffRow[] {
  const seconds = (value: number | null) => (value === null ? "there is none" : duration(value));
  const share = (value: number | null) => (value === null ? "unknown" : String(Number(value.toPrecision(2))));
  const { duplicateSharePercent, timeToDeadLetterSeconds, fifoGroupBlockedSeconds } = tradeOffs;
  return [
    { what: "visibility timeout", now: `${from} s`, after: `${to} s` },
    {
      what: "duplicates for 100 messages",
      now: share(duplicateSharePercent.before),
      after: share(duplicateSharePercent.after),
    },
    {
      what: "a failed message waits for its retry",
      now: seconds(tradeOffs.retryDelaySeconds.before),
      after: seconds(tradeOffs.retryDelaySeconds.after),
    },
    {
      what: "until it is in the dead-letter queue",
      now: seconds(timeToDeadLetterSeconds.before),
      after: seconds(timeToDeadLetterSeconds.after),
    },
    {
      what: "message retention",
      now: duration(tradeOffs.messageRetentionSeconds),
      after: tradeOffs.outlivesRetention
        ? `${duration(tradeOffs.messageRetentionSeconds)}: a message would expire before it gets there`
        : duration(tradeOffs.messageRetentionSeconds),
    },
    ...(fifoGroupBlockedSeconds === null
      ? []
      : [
          {
            what: "a FIFO group stands still after a failure",
            now: seconds(fifoGroupBlockedSeconds.before),
            after: seconds(fifoGroupBlockedSeconds.after),
          },
        ]),
  ];
}

/** A clause each: above any of them the change is rolled back. */
export function boundWords(bounds: RollBackBounds): string[] {
  return [
    `a message in the queue gets older than ${duration(bounds.oldestMessageAgeSeconds)}`,
    `a retry waits longer than ${duration(bounds.retryDelaySeconds)}`,
    `more than ${bounds.deadLetteredPerThousand} of 1,000 messages go to the dead-letter queue`,
  ];
}

/** Where the new value comes from. */
export const policyWords = ({ policy }: Pick<Plan, "policy">): string =>
  policy === "aws"
    ? "AWS's advice, 6 x function timeout + batching window"
    : "1.3 x function timeout + batching window, so that retries stay quick";

/** "stack orders, logical id OrdersQueue". */
export function ownerWords({ finding: { owner } }: Pick<Change, "finding">): string {
  if (owner === undefined) return "not known from its tags";
  return `CloudFormation stack ${owner.stackName}${owner.logicalId === undefined ? "" : `, logical id ${owner.logicalId}`}`;
}

/** The two deliveries that prove it best: at work at the same time where there are such. */
export interface ProofRow {
  readonly requestId: string;
  readonly functionName: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: string;
}

export interface Proof {
  readonly messageId: string;
  readonly rows: readonly [ProofRow, ProofRow];
  /** How long both were at work; absent where they were not, or it is not known. */
  readonly overlapSeconds?: number;
}

export function proofOf({ finding }: Pick<Change, "finding">): Proof | undefined {
  const proofs = finding.examples.flatMap(({ messageId, deliveries }): Proof[] =>
    deliveries.slice(1).flatMap((later, index) => {
      const earlier = deliveries[index];
      if (earlier === undefined) return [];
      const overlapMs =
        earlier.endedAt === null || later.startedAt === null
          ? 0
          : Math.min(Date.parse(earlier.endedAt), Date.parse(later.endedAt ?? earlier.endedAt)) -
            Date.parse(later.startedAt);
      return [
        {
          messageId,
          rows: [proofRow(earlier), proofRow(later)],
          ...(overlapMs > 0 ? { overlapSeconds: overlapMs / 1000 } : {}),
        },
      ];
    }),
  );
  // Examples come with the clearest first.
  return proofs.find(({ overlapSeconds }) => overlapSeconds !== undefined) ?? proofs[0];
}

const proofRow = ({
  requestId,
  functionArn,
  startedAt,
  endedAt,
  outcome,
}: Change["finding"]["examples"][number]["deliveries"][number]): ProofRow => ({
  requestId,
  functionName: functionArn.split(":")[6] ?? functionArn,
  startedAt,
  endedAt,
  outcome,
});
