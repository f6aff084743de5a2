// A function that no queue can be found for, and whose lines hold events that SNS, S3 or EventBridge handed to it.
import { diagnoseAsyncPath } from "../advise/async/diagnose-async-path.ts";
import type { PathDiagnosis } from "../advise/diagnose-path.ts";
import { correlateAsyncPath } from "../correlate/async/correlate-async-path.ts";
import type { LogObservations } from "../correlate/observations.ts";
import { measureAsyncPath } from "../detect/async/measure-async-path.ts";
import type { AsyncPath } from "../model/async-path.ts";
import type { ConsumerFunction } from "../model/delivery-path.ts";
import { functionNameOfArn } from "../scan/arn.ts";
import type { LoggedFunction } from "./find-functions.ts";
import type { LogsOnly } from "./judge-queue.ts";
import type { KnownSettings } from "./known-settings.ts";
import { METRICS, ONLY_LOGS } from "./not-read.ts";

/** Lambda's limit, for a function that nobody described. */
const MAX_FUNCTION_TIMEOUT_SECONDS = 900;

/** @param events read with events for messages. */
export function judgeAsync(
  logged: LoggedFunction,
  events: LogObservations,
  known: KnownSettings,
  { window, truncated }: LogsOnly,
): PathDiagnosis {
  const path: AsyncPath = {
    functionArn: logged.arn,
    functionName: functionNameOfArn(logged.arn),
    function: known.functions.get(logged.arn) ?? assumedFunction(logged),
    targets: [],
    unreadable: [],
  };
  const measurement = {
    ...measureAsyncPath({ path, window, series: new Map(), settled: true }),
    suspicions: [ONLY_LOGS],
    unreadable: [METRICS],
  };
  const deliveries = correlateAsyncPath({
    path,
    measurement,
    observations: [events],
    bytesScanned: 0,
    truncated,
    unreadable: [],
  });
  const { verdict, findings } = diagnoseAsyncPath({ path, measurement, deliveries });
  return { findings, verdict: { ...verdict, incomplete: true, logsRead: true, idle: false } };
}

/** True where a request ran twice, which only asynchronous ones do, or an event's id was logged. */
export function looksAsync({ invocations }: LogObservations): boolean {
  const requests = new Set(invocations.map(({ requestId }) => requestId));
  return requests.size < invocations.length || invocations.some(({ messages }) => messages.length > 0);
}

function assumedFunction({ arn, logFormat }: LoggedFunction): ConsumerFunction {
  const name = functionNameOfArn(arn);
  const logGroup = `/aws/lambda/${name}`;
  return { arn, name, timeoutSeconds: MAX_FUNCTION_TIMEOUT_SECONDS, logGroup, logFormat };
}
