// An asynchronous path: a function and the events that SNS, S3 or EventBridge hand to it through Lambda's own event
// queue. No SQS queue stands between, so nothing is ever proposed or changed: such a path is reported only.
import * as z from "zod";
import { ConsumerFunction, Unreadable } from "./delivery-path.ts";
import { Depth, Estimate, Window } from "./measurement.ts";

/** Who may hand events to the function, from its resource policy. */
export const EventSource = z.object({
  kind: z.enum(["sns", "s3", "eventbridge"]),
  /** Topic, bucket or rule, may hold wildcards; absent where the policy names none. */
  arn: z.string().optional(),
});
export type EventSource = z.infer<typeof EventSource>;

/** How Lambda treats the asynchronous events of one function, alias or version. */
export const AsyncInvokeSettings = z.object({
  eventSources: z.array(EventSource),
  /** How often an event that failed is tried again. */
  maximumRetryAttempts: z.number().int(),
  onFailureDestinationArn: z.string().optional(),
  /** Side details that could not be read (the policy, the event invoke configuration); absent = all were. */
  unreadable: z.array(Unreadable).optional(),
});
export type AsyncInvokeSettings = z.infer<typeof AsyncInvokeSettings>;

export const AsyncPath = z.object({
  /** Unqualified. */
  functionArn: z.string(),
  functionName: z.string(),
  /** Absent when it could not be read. */
  function: ConsumerFunction.optional(),
  /** One for each function, alias or version that events went to; none when none could be read. */
  targets: z.array(AsyncInvokeSettings.extend({ qualifier: z.string().optional() })),
  unreadable: z.array(Unreadable),
});
export type AsyncPath = z.infer<typeof AsyncPath>;

/** Sums over the window; null = could not be read, or was not asked for. All triggers of the function count, except for the events. */
export const AsyncTotals = z.object({
  /** Events that Lambda queued for the function (AsyncEventsReceived). */
  events: z.number().nullable(),
  /** Events that it gave up on (AsyncEventsDropped). */
  dropped: z.number().nullable(),
  invocations: z.number().nullable(),
  errors: z.number().nullable(),
  throttles: z.number().nullable(),
  logBytes: z.number().nullable(),
});
export type AsyncTotals = z.infer<typeof AsyncTotals>;

export const AsyncMeasurement = z.object({
  functionArn: z.string(),
  window: Window,
  /** Earlier versions read everything. */
  depth: Depth.default("full"),
  totals: AsyncTotals,
  /** Invocations beyond one an event: retries, repeats, and other triggers of the function; null = unknown. */
  excessInvocations: Estimate.nullable(),
  /** Why the logs should be read; empty = no suspect. */
  suspicions: z.array(z.string()),
  unreadable: z.array(Unreadable),
});
export type AsyncMeasurement = z.infer<typeof AsyncMeasurement>;
