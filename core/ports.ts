// What the core needs from the outside world, as interfaces: `aws/` implements each, tests use fakes.
// Every method that reads one resource throws UnreadableError when that resource cannot be read,
// AccountUnreadableError when nothing can be, and TransientError when retries are used up.
import type { AsyncInvokeSettings } from "./model/async-path.ts";
import type { ApprovalLink, AuditRow, Change } from "./model/change.ts";
import type { ConsumerFunction, EventSourceMapping, QueueSettings } from "./model/delivery-path.ts";
import type { FindingState } from "./model/finding.ts";
import type { SampleResult, Window } from "./model/measurement.ts";
import type { RatioBaseline } from "./model/ratio-baseline.ts";

/** Who we are talking to. */
export interface AccountPort {
  identity(): Promise<{ accountId: string; region: string }>;
}

export interface MappingsPort {
  /** Every SQS event source mapping of the Region, or of one queue: all pages, any state. */
  listQueueMappings(queueArn?: string): Promise<EventSourceMapping[]>;
  /**
   * @param functionArn as the mapping names it: unqualified, alias or version.
   * @throws UnreadableError when it is gone or access is denied.
   */
  describeFunction(functionArn: string): Promise<ConsumerFunction>;
  /**
   * The same answers about many functions for fewer calls: what one listing shows is not asked for one by one.
   * @param functionArns whom will be asked about; others may be, too.
   */
  forMany(functionArns: Iterable<string>): Promise<ListedFunctions>;
  /**
   * Undefined = none is reserved.
   * @param functionArn an alias or version in it does not matter.
   * @throws UnreadableError as describeFunction does.
   */
  reservedConcurrency(functionArn: string): Promise<number | undefined>;
}

export interface ListedFunctions extends Pick<MappingsPort, "describeFunction"> {
  /**
   * Another one after each change of the function itself; undefined where no listing showed it.
   * @param functionArn an alias or version in it does not matter, and is not what the revision is of.
   */
  readonly revisionOf: (functionArn: string) => string | undefined;
}

/** A function that lately got asynchronous events. */
export interface AsyncFunction {
  readonly functionName: string;
  /** Aliases and versions that events went to; "" = the function itself, unqualified. */
  readonly qualifiers: readonly string[];
}

export interface AsyncEventsPort {
  /**
   * Functions of the Region that got asynchronous events in the last two weeks, in order of their names.
   * @throws UnreadableError when they may not be listed.
   */
  listFunctions(): Promise<AsyncFunction[]>;
  /**
   * What hands events to the function, and what Lambda does with those that fail. A detail that may not be read is
   * named in `unreadable`.
   * @param functionArn unqualified, alias or version.
   */
  describe(functionArn: string): Promise<AsyncInvokeSettings>;
}

export interface QueuesPort {
  /** @throws UnreadableError when the queue is gone or access is denied. */
  describeQueue(queueArn: string): Promise<QueueSettings>;
  /**
   * The same answers about many queues for fewer calls. Tags may come from an index of the account's tags, which lags
   * behind the queues by seconds or minutes: enough for a scan, never for a decision.
   * @param queueArns whom will be asked about; others may be, too.
   */
  forMany(queueArns: Iterable<string>): Promise<Pick<QueuesPort, "describeQueue">>;
  /**
   * Receives up to ten messages once, makes them visible again, and reports receive counts only.
   * This is itself a receive: callers must have checked the opt-in and the limits first.
   */
  sampleReceiveCounts(queueUrl: string, queueArn: string): Promise<SampleResult>;
}

export interface MetricRequest {
  /** Caller's key; any string. */
  readonly id: string;
  readonly namespace: "AWS/SQS" | "AWS/Lambda" | "AWS/Logs";
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: "Sum" | "Average" | "Maximum" | "Minimum" | "SampleCount" | "p50" | "p90" | "p99";
}

export interface MetricSeries {
  /** One per period of the window, aligned to its start; null = no point (inactive, or not yet there). */
  readonly values: readonly (number | null)[];
  readonly periodSeconds: number;
  /** Anything but "complete" means that points may be missing for another reason than inactivity. */
  readonly status: "complete" | "partial" | "forbidden" | "error";
  /** One plain sentence that says why, where it is known; absent when complete. */
  readonly reason?: string;
}

export interface MetricsPort {
  /** All requests over one window, any number (paged and batched inside); each id is in the result. */
  getSeries(
    requests: readonly MetricRequest[],
    window: Window,
    periodSeconds: number,
  ): Promise<ReadonlyMap<string, MetricSeries>>;
}

export interface LogQuery {
  /** 1 to 50. */
  readonly logGroups: readonly string[];
  readonly window: Window;
  /** Logs Insights query text. */
  readonly query: string;
  readonly limit: number;
}

export interface LogLine {
  readonly timestampMs: number;
  readonly logStream: string;
  readonly message: string;
  /** Absent where the endpoint does not tell. */
  readonly logGroup?: string;
}

export type QueryStatus =
  | { readonly state: "running" }
  | {
      readonly state: "complete";
      readonly bytesScanned: number;
      readonly rows: number;
      /** Every row, page by page (some thousands a page), in the order of the query's sort. To be read once, or not at all. */
      readonly pages: AsyncIterable<readonly LogLine[]>;
    }
  | { readonly state: "failed"; readonly reason: string };

export interface LogsPort {
  /**
   * Starts a query and returns its id.
   * @throws UnreadableError (a log group gone, access denied, bad query), TransientError (too many run already).
   */
  startQuery(query: LogQuery): Promise<string>;
  /**
   * How the query is doing. The answer of a complete one brings its first page along.
   * @param window rows outside it are left out: Logs Insights counts the end of its range in, a window does not.
   * @throws UnreadableError when nobody may ask, or the query is not known: that says nothing about its log groups.
   */
  queryStatus(queryId: string, window?: Window): Promise<QueryStatus>;
  /** Ends a query that took too long; a query that has already ended is no error. */
  stopQuery(queryId: string): Promise<void>;
}

export interface ScanClaim {
  readonly scanId: string;
  /** Execution that claims; the same owner may claim again (Lambda and Step Functions retry). */
  readonly owner: string;
  readonly window: Window;
  readonly startedAtMs: number;
}

/** The record of scans, findings and baselines. Every write may be repeated with the same arguments and no other effect. */
export interface Ledger {
  /** False when another owner has claimed this scan id. */
  claimScan(claim: ScanClaim): Promise<boolean>;
  /** Any JSON value under (scanId, key); large values are split inside. Overwrites. Expires by itself. */
  putDocument(scanId: string, key: string, value: unknown): Promise<void>;
  /** undefined when absent. */
  getDocument(scanId: string, key: string): Promise<unknown>;
  /** Keys that begin with `prefix`, in order. */
  listDocumentKeys(scanId: string, prefix: string): Promise<string[]>;
  /**
   * Takes up to `wanted` from a scan-wide budget and returns what was granted (0 … wanted). Asking again with
   * the same holder returns the first grant. Safe under concurrency: the sum of grants never exceeds `budget`.
   * Whole units: fractions of `wanted` and `budget` are dropped.
   */
  reserve(scanId: string, holder: string, wanted: number, budget: number): Promise<number>;
  /** Findings of earlier scans, open ones and those resolved lately. */
  listFindingStates(): Promise<FindingState[]>;
  putFindingStates(states: readonly FindingState[]): Promise<void>;
  /**
   * What putBaseline kept of a queue's path, from whichever scan and version of this program; undefined when there
   * is none.
   */
  getBaseline(queueArn: string): Promise<unknown>;
  /** Overwrites. Outlives the scans, and expires by itself once nobody writes it any more. */
  putBaseline(queueArn: string, baseline: RatioBaseline): Promise<void>;
  /**
   * Claims the one notification of a scan, or of a step of a change. `claimed` → send it, then markNotified; `unfinished` → an earlier try
   * may or may not have sent it; `done` → it was sent.
   */
  claimNotification(key: string): Promise<"claimed" | "unfinished" | "done">;
  /** The publish failed for certain: the claim may be taken again. */
  releaseNotification(key: string): Promise<void>;
  markNotified(key: string): Promise<void>;
}

export interface Notification {
  /** < 100 printable ASCII characters. */
  readonly subject: string;
  /** Plain text for e-mail. */
  readonly text: string;
  /** For machines (sqs, lambda, https subscribers): a JSON value. */
  readonly json: unknown;
  /** Whose subscription it is for; absent = everybody's. */
  readonly recipient?: string;
}

export interface NotifierPort {
  /**
   * @throws OutcomeUnknownError when the call ended without an answer: it may have been sent.
   * @throws TransientError (throttled), ConfigError (topic gone, not allowed) or another AppError: certainly not sent.
   */
  publish(notification: Notification): Promise<void>;
}

/** The one port that changes anything in the account. */
export interface QueueWriterPort {
  /**
   * Sets exactly one attribute, VisibilityTimeout. A repeat with the same value has no other effect.
   * @throws UnreadableError when the queue is gone or the write is denied, TransientError when throttled or unanswered.
   */
  setVisibilityTimeout(queueUrl: string, queueArn: string, seconds: number): Promise<void>;
}

/** Executions of the remediation workflow. */
export interface ExecutionsPort {
  /** Starts the execution of a change. One with that name that runs or ran is no error. */
  start(changeId: string): Promise<void>;
  /** `absent`: no execution of that name is known. */
  status(changeId: string): Promise<"running" | "ended" | "absent">;
}

/** Answers the waiting workflow. */
export interface CallbackPort {
  /**
   * Wakes the state that waits with this token. `gone`: it waits no longer, or never did.
   * @throws TransientError when it could not be told for now.
   */
  wake(taskToken: string): Promise<"told" | "gone">;
}

/** Randomness for links and codes. */
export interface SecretsPort {
  /** 256 random bits, base64url. */
  linkId(): string;
  /** Eight characters that are hard to mistake for each other. */
  code(): string;
}

/** Who is subscribed to a topic. */
export interface SubscriptionsPort {
  list(topicArn: string): Promise<{ endpoint: string; protocol: string; confirmed: boolean }[]>;
}

/**
 * The record of changes, approvals and what was asked of them. Every write may be repeated with the same arguments and
 * no other effect.
 */
export interface ChangeLedger {
  /**
   * Opens a change, and with it the one place that its queue has (I4). Returns the change that has the place now: this
   * one, new or as an earlier try left it, or another that is still open. Undefined when this one is closed already.
   */
  open(change: Change): Promise<Change | undefined>;
  get(changeId: string): Promise<Change | undefined>;
  /** Writes `change` as version + 1, if the ledger still holds its version. False when somebody wrote in between. */
  save(change: Change): Promise<boolean>;
  /** Gives the queue's place free, if this change has it. */
  release(change: Pick<Change, "id" | "queueArn">): Promise<void>;
  /** All changes that are kept, oldest first. */
  list(): Promise<Change[]>;

  /** Beside those that are there: a state that is tried again waits with another token, and which try was the last is not known. */
  addTaskToken(changeId: string, taskToken: string): Promise<void>;
  /** In no order. */
  listTaskTokens(changeId: string): Promise<string[]>;

  putLink(link: ApprovalLink): Promise<void>;
  getLink(idHash: string): Promise<ApprovalLink | undefined>;
  /** Counts one try of a code, atomically. False when all `most` tries were used up before. */
  countTry(idHash: string, most: number): Promise<boolean>;

  audit(row: AuditRow): Promise<void>;
  /** Oldest first. */
  listAudit(changeId: string): Promise<AuditRow[]>;

  /** While paused nothing is proposed and nothing is applied; what was applied is still watched and rolled back. */
  isPaused(): Promise<boolean>;
  setPaused(paused: boolean): Promise<void>;
}

/** Counts AWS API calls by "service:Operation", retries included. */
export interface CallCounter {
  /** Counts since the last take, and starts again from zero. */
  take(): Record<string, number>;
}
