// The scan's documents in the ledger: their keys, their schemas, and reading them with a check.
import * as z from "zod";
import { ContractError } from "../errors.ts";
import { Unreadable } from "../model/delivery-path.ts";
import { Window } from "../model/measurement.ts";
import type { Ledger } from "../ports.ts";
import type { ScanPorts } from "./scan-ports.ts";

export const documentKey = {
  claim: "claim",
  discovery: "discovery",
  batch: (batchKey: string) => `batch/${batchKey}`,
  measurement: (batchKey: string) => `measurement/${batchKey}`,
  candidates: (batchKey: string) => `candidates/${batchKey}`,
  usage: (batchKey: string) => `usage/${batchKey}`,
  queries: (batchKey: string) => `queries/${batchKey}`,
  /** @param index position of the path in its batch. */
  deliveries: (batchKey: string, index: number) => `deliveries/${batchKey}/${index}`,
  diagnosis: (batchKey: string) => `diagnosis/${batchKey}`,
  failure: (batchKey: string) => `failure/${batchKey}`,
  calls: (step: string, key: string) => `calls/${step}/${key}`,
  document: "document",
  digest: "digest",
} as const;

/** @param position counted from 1. */
export const queueBatchKey = (position: number): string => String(position).padStart(4, "0");

/** @param position counted from 1. */
export const asyncBatchKey = (position: number): string => `async-${queueBatchKey(position)}`;

/** True for a batch of asynchronous paths. */
export const isAsyncBatch = (batchKey: string): boolean => batchKey.startsWith("async-");

/** When the scan was claimed first, for its duration. */
export const ClaimRecord = z.object({ startedAtMs: z.number() });

export const Discovery = z.object({
  account: z.string(),
  region: z.string(),
  batches: z.array(z.string()),
  /** Delivery paths in the batches. */
  paths: z.number().int(),
  /** Queues that the include and exclude patterns left out. */
  excludedQueues: z.number().int(),
  /** Functions without a queue that they left out; absent = none. */
  excludedFunctions: z.number().int().optional(),
  /** Functions (unqualified ARNs) that consume more than one queue: an id in their logs may be any queue's. */
  sharedFunctions: z.array(z.string()),
  /** True where every path is read in full, whatever the settings say; absent = as they say. */
  inFull: z.boolean().optional(),
  unreadable: z.array(Unreadable),
});
export type Discovery = z.infer<typeof Discovery>;

/**
 * Why the logs of a path are worth reading, most urgent first. `suspect`: its numbers look wrong · `follow-up`: it
 * has an open finding · `unmeasured`: its metrics could not be read · `routine`: it has traffic, nothing else.
 */
export const CandidateKind = z.enum(["suspect", "follow-up", "unmeasured", "routine"]);
export type CandidateKind = z.infer<typeof CandidateKind>;

export const Candidate = z.object({
  /** Position of the path in its batch. */
  index: z.number().int(),
  /** Of the path: its queue's, or its function's. */
  arn: z.string(),
  kind: CandidateKind,
  /** Bytes written to its log groups in the window; null = unknown. */
  logBytes: z.number().nullable(),
});
export type Candidate = z.infer<typeof Candidate>;

/** What Measure used that the calls alone do not tell. */
export const Usage = z.object({ metricsRequested: z.number().int(), sampledQueues: z.array(z.string()) });
export type Usage = z.infer<typeof Usage>;

/** A log group in a query, shared by every path of the batch whose consumer writes to it. */
export const QueriedGroup = z.object({
  logGroup: z.string(),
  /** Indexes of the paths that use it. */
  paths: z.array(z.number().int()),
  /** What it is expected to hold, or a guess: its part of what the query reads. */
  bytes: z.number().min(1),
  /** Read of it in vain, by a query that was split. */
  bytesReadBefore: z.number(),
});
export type QueriedGroup = z.infer<typeof QueriedGroup>;

/** One log query, of one log group or of several small ones. */
export const PlannedQuery = z.object({
  groups: z.array(QueriedGroup).min(1),
  limit: z.number().int(),
  window: Window,
});
export type PlannedQuery = z.infer<typeof PlannedQuery>;

/** A query: running under an id, waiting until AWS has room for it, or not to be started, with the reason. */
export const StartedQuery = z.union([
  PlannedQuery.extend({ queryId: z.string() }),
  PlannedQuery.extend({ waitingFor: z.string() }),
  PlannedQuery.extend({ failure: z.string() }),
]);
export type StartedQuery = z.infer<typeof StartedQuery>;

export const Queries = z.object({
  /** When the first of them was started. */
  startedAtMs: z.number(),
  started: z.array(StartedQuery),
  /** Candidates whose logs are not read, and why. */
  leftOut: z.array(z.object({ index: z.number().int(), reason: z.string() })),
});
export type Queries = z.infer<typeof Queries>;

/** Where it is noted which troubles with subscriptions a digest has told of; of no scan, so that the next one knows. */
export const TOLD = { scanId: "audience", key: "told" } as const;
export const ToldUnreached = z.object({ keys: z.array(z.string()) });

/**
 * One document, checked.
 * @returns undefined when it is absent.
 * @throws ContractError when it is not what its schema says.
 */
export async function readDocument<T>(
  ledger: Ledger,
  scanId: string,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const value = await ledger.getDocument(scanId, key);
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ContractError(
    `document ${key} of scan ${scanId} has an unexpected shape: ${z.prettifyError(parsed.error)}`,
    { cause: parsed.error },
  );
}

/**
 * One document that an earlier state must have written.
 * @throws ContractError when it is absent or of another shape.
 */
export async function requireDocument<T>(
  ledger: Ledger,
  scanId: string,
  key: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const document = await readDocument(ledger, scanId, key, schema);
  if (document === undefined) throw new ContractError(`expected document ${key} of scan ${scanId}, got none`);
  return document;
}

/** Notes the API calls made since the last note under this step; a repeated step overwrites its own note. */
export async function recordCalls(
  ports: Pick<ScanPorts, "ledger" | "calls">,
  scanId: string,
  step: string,
  key: string,
): Promise<void> {
  await ports.ledger.putDocument(scanId, documentKey.calls(step, key), ports.calls.take());
}
