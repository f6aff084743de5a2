// The seam between a step and what watches it, so that a step can run where nothing does (CLI, tests).
import type { MiddlewareObj } from "@middy/core";

export interface Observability {
  /** Run outermost, in this order. */
  readonly middlewares: readonly MiddlewareObj[];
  /** Emits a custom metric. */
  readonly count: (metricName: string, value: number) => void;
}

/** Nothing is logged, counted or traced. */
export const UNOBSERVED: Observability = { middlewares: [], count: () => {} };
