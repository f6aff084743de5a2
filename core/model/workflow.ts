// What travels between the states of the scan workflow: keys and counts only, data lives in the ledger.
// Ledger documents of one scan, by key:
//   claim                when the scan began                                   written by ClaimScan
//   discovery            account, batch keys, what could not be read           written by Discover
//   batch/<batchKey>     DeliveryPath[]                                         written by Discover
//   measurement/<key>    PathMeasurement[]                                      written by Measure
//   candidates/<key>     paths whose logs are worth reading, in order           written by Measure
//   usage/<key>          metrics asked for, queues sampled                      written by Measure
//   queries/<key>        StartedQuery[] with what was left out and why          written by StartQueries
//   deliveries/<key>/<n> PathDeliveries of the batch's n-th path                written by CollectDeliveries (by StartQueries when not read)
//   diagnosis/<key>      BatchDiagnosis                                         written by Diagnose
//   failure/<key>        why a batch could not be scanned to its end            written by Measure and Diagnose
//   calls/<step>/<key>   API calls by "service:Operation"                       written by every step
//   document             FindingDocument                                        written by Summarise
//   digest               what Notify sends, only when something changed         written by Summarise
// Schemas of the scan's own documents: core/scan/documents.ts.
import * as z from "zod";
import { Window } from "./measurement.ts";

export const ClaimScanInput = z.object({
  /** The Scheduler's scheduled time: stable over its retries, so it names the scan. */
  scheduledTime: z.iso.datetime({ offset: true }),
  /** Execution that claims the scan. */
  executionId: z.string().min(1),
});
export type ClaimScanInput = z.infer<typeof ClaimScanInput>;

export const ScanContext = z.object({ scanId: z.string().min(1), window: Window });
export type ScanContext = z.infer<typeof ScanContext>;

export const DiscoverOutput = z.object({ batchKeys: z.array(z.string()), paths: z.number().int() });
export type DiscoverOutput = z.infer<typeof DiscoverOutput>;

export const BatchContext = ScanContext.extend({ batchKey: z.string().min(1) });
export type BatchContext = z.infer<typeof BatchContext>;

/** `candidates` = suspects plus paths whose logs are worth a routine look. */
export const MeasureOutput = z.object({
  paths: z.number().int(),
  suspects: z.number().int(),
  candidates: z.number().int(),
});
export type MeasureOutput = z.infer<typeof MeasureOutput>;

export const StartQueriesOutput = z.object({ queries: z.number().int() });
export type StartQueriesOutput = z.infer<typeof StartQueriesOutput>;

export const CollectInput = BatchContext.extend({
  /** 1 on the first look. The last one gives up on what still runs. */
  attempt: z.number().int().min(1),
});
export type CollectInput = z.infer<typeof CollectInput>;

export const CollectOutput = z.object({
  /** Paths whose deliveries are not written yet. */
  pending: z.number().int(),
  /** Queries to wait for; 0 where the next look has something to do at once. */
  running: z.number().int(),
  attempt: z.number().int(),
});
export type CollectOutput = z.infer<typeof CollectOutput>;

export const DiagnoseOutput = z.object({ findings: z.number().int() });
export type DiagnoseOutput = z.infer<typeof DiagnoseOutput>;

export const SummariseOutput = z.object({
  new: z.number().int(),
  continuing: z.number().int(),
  resolved: z.number().int(),
  /** Addresses that should be told and are not reached. */
  unreached: z.number().int(),
  /** True when there is something to tell. */
  changed: z.boolean(),
});
export type SummariseOutput = z.infer<typeof SummariseOutput>;

export const NotifyOutput = z.object({ sent: z.boolean() });
export type NotifyOutput = z.infer<typeof NotifyOutput>;
