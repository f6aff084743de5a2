// How a scenario describes one function whose events come with no queue between.
import type { Cause } from "../../core/model/delivery.ts";
import type { AsyncEventKind } from "../engine/async-events.ts";
import type { TriggerSpec } from "../engine/trigger.ts";
import type { ConsumerSpec } from "./path-spec.ts";

export interface AsyncFunctionSpec
  extends Pick<ConsumerSpec, "timeoutSeconds" | "work" | "shape" | "oddities" | "losses" | "logFormat"> {
  readonly sources: readonly (Omit<TriggerSpec, "kind" | "source"> & { readonly kind: AsyncEventKind })[];
  /** Direct calls, which wait for the answer. @default none */
  readonly callsPerSecond?: number;
  /** @default Lambda's own two, and no event invoke configuration */
  readonly maximumRetryAttempts?: number;
}

export interface AsyncScenario {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** The dominant causes; empty = must stay quiet. */
  readonly causes: readonly Cause[];
  readonly function: AsyncFunctionSpec;
}
