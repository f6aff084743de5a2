// The seam between a step and what watches it, so that a step can run where nothing does (CLI, tests).
import type { MiddlewareObj } from "@middy/core";
import type { MetricName } from "./telemetry.ts";

export interface Observability {
  /** Run outermost, in this order. */
  readonly middlewares: readonly MiddlewareObj[];
  /** Emits a custom metric. */
  readonly count: (metricName: MetricName, value: number) => void;
  /** Writes one log line. */
  readonly note: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Nothing is logged, counted or traced. */
export const UNOBSERVED: Observability = { middlewares: [], count: () => {}, note: () => {} };
