// A consumer's delivery path as the scan would have found it, with no metrics but the window.
import { measurePath } from "../../core/detect/measure-path.ts";
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

/** Nothing was measured: only the logs are asked. */
export const measurementOf = (consumer: Consumer): PathMeasurement =>
  measurePath({
    path: pathOf(consumer),
    window: { startMs: START_MS, endMs: START_MS + WINDOW_MS },
    series: new Map(),
  });
