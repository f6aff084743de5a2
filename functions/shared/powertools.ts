// Structured logs, metrics and traces on Lambda. Only the functions' entry points import this: it is heavy, and
// outside Lambda it has nothing to write to.
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import type { MiddlewareObj } from "@middy/core";
import { AppError } from "../../core/errors.ts";
import type { Observability } from "./observability.ts";
import { NAMESPACE, SERVICE } from "./telemetry.ts";

/** One line an error: what was thrown on purpose is a warning, a bug is an error with its stack. */
function logErrors(logger: Logger): MiddlewareObj {
  return {
    onError: ({ error }) => {
      if (error instanceof AppError) logger.warn(error.message, { errorName: error.name });
      else if (error) logger.error("unexpected error", error);
    },
  };
}

/** Powertools' own middleware warns of every run without a metric, and most steps have none. */
function publishMetrics(metrics: Metrics): MiddlewareObj {
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: publish, onError: publish };
}

/** @param stateName names the step in every log line. */
export function powertools(stateName: string): Observability {
  const logger = new Logger({ serviceName: SERVICE, persistentKeys: { state: stateName } });
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: SERVICE });
  // A scan makes thousands of requests, and a trace holds 100 to 500 KB: one segment a request would fill it, and the
  // memory of the function before. @see https://docs.aws.amazon.com/general/latest/gr/xray.html
  const tracer = new Tracer({ serviceName: SERVICE, captureHTTPsRequests: false });
  return {
    middlewares: [
      // Events hold credentials (task tokens, links, codes): never logged, whatever the environment says.
      injectLambdaContext(logger, { logEvent: false }),
      publishMetrics(metrics),
      // Responses are keys and counts that the workflow records anyway.
      captureLambdaHandler(tracer, { captureResponse: false }),
      logErrors(logger),
    ],
    count: (metricName, value) => metrics.addMetric(metricName, MetricUnit.Count, value),
    note: (message, fields) => logger.info(message, { ...fields }),
  };
}
