// Measurements made by hand, for the steps that come after Measure.

import { NO_BASELINE } from "../../core/detect/ratio/find-ratio-anomaly.ts";
import type { PathMeasurement, WindowTotals } from "../../core/model/measurement.ts";
import { queueArn, WINDOW } from "./scan-fakes.ts";

/** A path with traffic and nothing wrong. */
export function measurement(
  name: string,
  more: Partial<Omit<PathMeasurement, "totals">> & { readonly totals?: Partial<WindowTotals> } = {},
): PathMeasurement {
  return {
    queueArn: queueArn(name),
    window: WINDOW,
    depth: "full",
    flow: {
      sent: 100,
      received: 100,
      deleted: 100,
      backlogChange: 0,
      deadLettered: 0,
      excessReceives: { value: 0, low: -3, high: 3 },
      excessDeletes: { value: 0, low: -3, high: 3 },
      receivesSignificant: false,
      deletesSignificant: false,
    },
    ratio: { ...NO_BASELINE, invocationRatio: 1 },
    exposure: null,
    samples: [],
    suspicions: [],
    unreadable: [],
    ...more,
    totals: {
      sent: 100,
      received: 100,
      deleted: 100,
      backlogChange: 0,
      deadLettered: 0,
      oldestMessageAgeSeconds: 1,
      invocations: 100,
      errors: 0,
      throttles: 0,
      maxDurationMs: 500,
      p99DurationMs: 400,
      logBytes: 1e6,
      ...more.totals,
    },
  };
}
