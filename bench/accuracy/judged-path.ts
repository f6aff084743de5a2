// One delivery path of one simulated account, judged: what was true, what the scan said, what simpler rules said.
// The runner makes them, the scoring only reads them.
import type { Cause } from "../../core/model/delivery.ts";
import type { Evidence, Verdict } from "../../core/model/finding.ts";
import type { RuleInput } from "./rules.ts";

/** What the path's consumers log; with several consumers the least of them. */
export type Logged = "ids-and-receive-count" | "ids" | "nothing";

/** What really happened in the scan's window, from the simulation's ground truth. */
export interface PathTruth {
  /** Causes of redeliveries that lie well inside the window: the scan must find these. */
  readonly mustFind: readonly Cause[];
  /** Causes of redeliveries anywhere in what the scan read (a superset): saying these is right. */
  readonly mayFind: readonly Cause[];
  readonly redeliveriesByCause: Readonly<Partial<Record<Cause, number>>>;
  /** Messages received in the window. */
  readonly messages: number;
  /** Redeliveries whose work had been done before. */
  readonly duplicates: number;
  /** Those of them that a longer visibility timeout cures. */
  readonly duplicatesOfTimeout: number;
  /** Of both, those well inside the window, logged or not: work done twice that must be noticed. Absent = all. */
  readonly innerDuplicates?: number;
  readonly innerDuplicatesOfTimeout?: number;
  /**
   * Second deletions of messages in the window: all that SQS's counters can show of work done twice. null on FIFO queues,
   * which refuse them.
   */
  readonly completedAgain: number | null;
  readonly verdict: Verdict;
  /** Nothing was delivered twice, and the settings allow no overlap: any finding above advisory is a false alarm. */
  readonly quiet: boolean;
}

export interface SaidCause {
  readonly cause: Cause;
  readonly evidence: Evidence;
}

/** Effect of a plan, from simulating the same account with the new visibility timeout. */
export interface JudgedPlan {
  readonly judgement: "right" | "useless" | "harmful";
  /** Share of duplicates that the new timeout removes, in percent; null where there were none. */
  readonly removedPercent: number | null;
  /** The plan's own prediction of the duplicates left, in percent of messages; null where it makes none. */
  readonly predictedAfterPercent: number | null;
  /** Duplicates left in the simulation, in percent of messages. */
  readonly simulatedAfterPercent: number;
}

export interface JudgedPath {
  /** Seed of the account: paths of one account are drawn together when intervals are made. */
  readonly account: number;
  readonly queueArn: string;
  readonly logged: Logged;
  readonly truth: PathTruth;
  /** Findings that say that something happened (evidence proven or measured), `unknown` among them. */
  readonly said: readonly SaidCause[];
  /** True when there is any finding above advisory: on a quiet path a false alarm. */
  readonly flagged: boolean;
  readonly verdict: Verdict;
  readonly plan: JudgedPlan | null;
  /** What a scan of the same account says that reads no logs. */
  readonly fromNumbers: {
    readonly duplicating: boolean;
    /** Estimated duplicates ÷ messages × 100; null where none was measured. */
    readonly duplicateSharePercent: number | null;
  };
  /**
   * Redeliveries by "true cause>said cause", where logs were read: "first" on the left is a first delivery that was
   * called a redelivery, "not said" on the right a redelivery that no finding counts, "not logged" one that no line names.
   */
  readonly confusion: Readonly<Record<string, number>>;
  /** What simple rules may look at. */
  readonly rules: RuleInput;
}
