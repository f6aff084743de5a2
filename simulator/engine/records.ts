// What the engine remembers: messages, their deliveries, the invocations, the environments they ran in.
// All times are engine ms (see clock.ts). Ids are derived from the counters in ids.ts, never stored.
import type { Cause } from "../../core/model/delivery.ts";
import type { AsyncEvent } from "./async-events.ts";
import type { LambdaFunction } from "./function.ts";
import type { Queue } from "./queue.ts";

export type MessageState = "delayed" | "visible" | "in-flight" | "gone";

/** What producers put in a body, see bodies.ts. */
export type BodyKind = "order" | "event" | "sns";

/** What a client sent, word for word; producers' messages are rendered from their counters instead. */
export interface ClientContent {
  readonly body: string;
  readonly messageAttributes: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue: string }>
  >;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

export interface Message {
  /** Account-wide counter; the message id derives from it. */
  readonly index: number;
  readonly sentMs: number;
  /** Messages about the same business event share it: a re-sent message has its first sending's. */
  readonly businessKey: number;
  readonly content: BodyKind | ClientContent;
  /** FIFO message group; "" on standard queues. */
  readonly group: string;
  /** True for a producer's second sending of the same business event. */
  readonly resent: boolean;
  /** True when the consumers' filter patterns do not match it. */
  readonly filtered: boolean;
  /** How many more times handling this record fails. */
  failuresLeft: number;
  state: MessageState;
  receiveCount: number;
  firstReceivedMs: number;
  /** The most recent receive from the queue that it is in. */
  latest: Delivery | null;
  /** What it was before it was moved back from a dead-letter queue: AWS makes a new message of it. */
  readonly redrivenFrom: Message | null;
}

/** Why one record came back although its invocation may have done its work. */
export type RecordFault = "own" | "sibling" | "handed-back" | null;

export interface Delivery {
  /** Position in its queue's list of receives; the receipt handle derives from it. */
  readonly index: number;
  readonly message: Message;
  readonly queue: Queue;
  readonly receivedMs: number;
  /** End of this receive's visibility timeout. */
  deadlineMs: number;
  readonly receiveCount: number;
  /** The receive before this one, from the same queue. */
  readonly previous: Delivery | null;
  /** null: waiting in a batch, never invoked, or received by a client. */
  invocation: Invocation | null;
  outcome: "pending" | "success" | "error" | "timeout" | "none";
  fault: RecordFault;
  /** The poller gave it up because its function was throttled until the visibility timeout passed. */
  letGo: boolean;
  /** When its receipt handle was used to delete; −1 = never. */
  deleteMs: number;
  cause: Cause | "first";
}

export interface Environment {
  readonly index: number;
  readonly createdMs: number;
  lastUsedMs: number;
  /** It must initialise again: the last invocation timed out. */
  broken: boolean;
}

export interface Invocation {
  /** The request id derives from it; an async retry has its first attempt's. */
  readonly requestIndex: number;
  readonly fn: LambdaFunction;
  readonly environment: Environment;
  readonly trigger: "queue" | "sync" | "async";
  /** Start of the handler: where START is logged, after initialisation. */
  readonly startMs: number;
  /** Known from the start to the engine, to nobody else before it has come. */
  readonly endMs: number;
  /** 0 = warm. */
  readonly initMs: number;
  readonly outcome: "success" | "error" | "timeout";
  /** Empty for other triggers. */
  readonly deliveries: readonly Delivery[];
  /** What an asynchronous trigger was given, where its events have an identity. */
  readonly event?: AsyncEvent;
}
