// Delivery paths from what the logs and the saved settings say.
import type { Consumer, DeliveryPath, QueueSettings } from "../model/delivery-path.ts";
import { functionNameOfArn, queueNameOfArn, unqualifiedFunctionArn } from "../scan/arn.ts";
import type { LoggedFunction } from "./find-functions.ts";
import type { KnownSettings } from "./known-settings.ts";

export interface AssembledPath {
  readonly path: DeliveryPath;
  /** Its consumers whose logs are there. */
  readonly logged: readonly LoggedFunction[];
}

/** Of a mapping that nobody described. */
export const ASSUMED_UUID = "unknown";

const NO_SETTINGS = "its settings are in no log file and were not given";

/** One path for each queue that a logged function consumes, in order of their ARNs. */
export function assemblePaths(functions: readonly LoggedFunction[], known: KnownSettings): AssembledPath[] {
  const queueArns = [...new Set(functions.flatMap((one) => one.queueArns))].sort();
  return queueArns.map((queueArn) => {
    const logged = functions.filter((one) => one.queueArns.includes(queueArn));
    const settings = known.queues.get(queueArn) ?? (queueArns.length === 1 ? known.unnamedQueue : undefined);
    return {
      logged,
      path: {
        queueArn,
        queueName: queueNameOfArn(queueArn),
        foreign: false,
        ...(settings === undefined ? {} : { settings }),
        ...deadLetterSources(queueArn, known.queues),
        consumers: consumersOf(queueArn, logged, known),
        unreadable: settings === undefined ? [{ resource: queueArn, reason: NO_SETTINGS }] : [],
      },
    };
  });
}

function consumersOf(queueArn: string, logged: readonly LoggedFunction[], known: KnownSettings): Consumer[] {
  const mapped = known.mappings
    .filter((mapping) => mapping.queueArn === queueArn)
    .map((mapping) => withFunction({ mapping }, unqualifiedFunctionArn(mapping.functionArn), known));
  const names = new Set(mapped.map(({ mapping }) => functionNameOfArn(mapping.functionArn)));
  const assumed = logged
    .filter(({ arn }) => !names.has(functionNameOfArn(arn)))
    .map(({ arn }) => withFunction({ mapping: assumedMapping(queueArn, arn) }, arn, known));
  return [...mapped, ...assumed];
}

function withFunction(consumer: Consumer, arn: string, { functions }: KnownSettings): Consumer {
  const configuration = functions.get(arn);
  return configuration === undefined ? consumer : { ...consumer, function: configuration };
}

/** That there is a mapping, the deliveries prove; of its settings nothing is known, so Lambda's defaults stand in. */
const assumedMapping = (queueArn: string, functionArn: string): Consumer["mapping"] => ({
  uuid: ASSUMED_UUID,
  state: "Enabled",
  queueArn,
  functionArn,
  batchSize: 10,
  maximumBatchingWindowSeconds: 0,
  filterCount: 0,
  reportBatchItemFailures: false,
  eventCountMetrics: false,
});

function deadLetterSources(
  queueArn: string,
  queues: ReadonlyMap<string, QueueSettings>,
): Pick<DeliveryPath, "deadLetterQueueOf"> {
  const sources = [...queues].filter(([, { redrive }]) => redrive?.deadLetterTargetArn === queueArn);
  return sources.length === 0 ? {} : { deadLetterQueueOf: sources.map(([arn]) => arn) };
}
