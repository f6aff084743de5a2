// A consumer's delivery path as the scan would have found it, with no metrics but the window.
import { NO_BASELINE } from "../../core/detect/ratio/find-ratio-anomaly.ts";
import type { DeliveryPath } from "../../core/model/delivery-path.ts";
import type { PathMeasurement } from "../../core/model/measurement.ts";
import type { Consumer } from "./consumers.ts";
import { START_MS } from "./generate.ts";
import { functionArn, logGroup, queueArn } from "./render.ts";
import { BATCH_SIZE, FUNCTION_TIMEOUT_MS, VISIBILITY_TIMEOUT_MS } from "./traffic.ts";

/** Longer than any generated traffic. */
const WINDOW_MS = 14 * 24 * 3_600_000;

export function pathOf(consumer: Consumer): DeliveryPath {
  return {
    queueArn: queueArn(consumer),
    queueName: consumer.name,
    foreign: false,
    settings: {
      url: `https://sqs.us-east-1.amazonaws.com/123456789012/${consumer.name}`,
      visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_MS / 1000,
      fifo: false,
      contentBasedDeduplication: false,
      delaySeconds: 0,
      messageRetentionSeconds: 345_600,
      tags: {},
    },
    consumers: [
      {
        mapping: {
          uuid: consumer.name,
          state: "Enabled",
          queueArn: queueArn(consumer),
          functionArn: functionArn(consumer),
          batchSize: BATCH_SIZE,
          maximumBatchingWindowSeconds: 0,
          filterCount: 0,
          reportBatchItemFailures: false,
          eventCountMetrics: false,
        },
        function: {
          arn: functionArn(consumer),
          name: consumer.name,
          timeoutSeconds: FUNCTION_TIMEOUT_MS / 1000,
          logGroup: logGroup(consumer),
          logFormat: consumer.format,
        },
      },
    ],
    unreadable: [],
  };
}

export function measurementOf(consumer: Consumer): PathMeasurement {
  return {
    queueArn: queueArn(consumer),
    window: { startMs: START_MS, endMs: START_MS + WINDOW_MS },
    totals: {
      sent: null,
      received: null,
      deleted: null,
      backlogChange: null,
      deadLettered: null,
      oldestMessageAgeSeconds: null,
      invocations: null,
      errors: null,
      throttles: null,
      maxDurationMs: null,
      p99DurationMs: null,
      logBytes: null,
    },
    flow: null,
    ratio: NO_BASELINE,
    exposure: null,
    samples: [],
    suspicions: [],
    unreadable: [],
  };
}
