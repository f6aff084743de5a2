// What the rendering of one invocation passes round.
import type { SqsRecord } from "../engine/bodies.ts";

/** One log line before it belongs to a stream. */
export interface Line {
  /** Epoch ms. */
  readonly timestampMs: number;
  readonly message: string;
}

/** One invocation, ready to be written about. Times are epoch ms. */
export interface InvocationFacts {
  readonly requestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly version: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Begin of the initialisation; equal to startMs when warm. */
  readonly beginMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 = warm. */
  readonly initMs: number;
  readonly outcome: "success" | "error" | "timeout";
  readonly trigger: "queue" | "sync" | "async";
  readonly records: readonly SqsRecord[];
  /** What an asynchronous trigger was given, where its events have an identity. */
  readonly event?: object;
  /** Records that come back: they failed, or the function says that they are not its own. */
  readonly returned: readonly { readonly messageId: string; readonly why: "failed" | "not-ours" }[];
  /** Id of another service in the event of another trigger: no request id, no message id. */
  readonly foreignId: string;
  readonly xrayTraceId: string;
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
