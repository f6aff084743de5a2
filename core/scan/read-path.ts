// One delivery path as it is now: the queue's settings and every function that consumes it.
import { maySample } from "../detect/sampling.ts";
import type { Consumer, ConsumerFunction, DeliveryPath, EventSourceMapping } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { MappingsPort, QueuesPort } from "../ports.ts";
import { queueNameOfArn } from "./arn.ts";
import { type Described, describe, gapsOf } from "./described.ts";

type DescribeFunction = (functionArn: string) => Promise<Described<ConsumerFunction>>;

/** Asks once for each function, however many paths share it. */
export function functionReader(mappings: Pick<MappingsPort, "describeFunction">): DescribeFunction {
  const asked = new Map<string, Promise<Described<ConsumerFunction>>>();
  return (functionArn) => {
    const answer =
      asked.get(functionArn) ?? describe(functionArn, () => mappings.describeFunction(functionArn));
    asked.set(functionArn, answer);
    return answer;
  };
}

/**
 * Describes many queues. One that may be sampled is asked itself: a listing may not yet know that its owner has taken
 * the consent back (I11).
 */
export async function queueReader(
  queues: QueuesPort,
  settings: Pick<ScanSettings, "sampling">,
  queueArns: Iterable<string>,
): Promise<Pick<QueuesPort, "describeQueue">> {
  const listed = await queues.forMany(queueArns);
  return {
    describeQueue: async (queueArn) => {
      const queue = await listed.describeQueue(queueArn);
      return maySample(queue, settings).allowed ? queues.describeQueue(queueArn) : queue;
    },
  };
}

/** One queue of this account with its consumers; what cannot be read is named in `unreadable`. */
export async function readPath(
  ports: { readonly queues: Pick<QueuesPort, "describeQueue"> },
  settings: Pick<ScanSettings, "sampling">,
  queueArn: string,
  mappings: readonly EventSourceMapping[],
  describeFunction: DescribeFunction,
): Promise<DeliveryPath> {
  const describeQueue = (arn: string) => describe(arn, () => ports.queues.describeQueue(arn));
  const queue = await describeQueue(queueArn);
  const deadLetterArn = "value" in queue ? queue.value.redrive?.deadLetterTargetArn : undefined;
  const deadLetterQueue =
    settings.sampling && deadLetterArn !== undefined ? await describeQueue(deadLetterArn) : undefined;
  const unreadable = new Set([...gapsOf(queue), ...(deadLetterQueue ? gapsOf(deadLetterQueue) : [])]);
  const consumers: Consumer[] = [];
  for (const mapping of mappings) {
    const consumer = await describeFunction(mapping.functionArn);
    if ("unreadable" in consumer) unreadable.add(consumer.unreadable);
    consumers.push("value" in consumer ? { mapping, function: consumer.value } : { mapping });
  }
  return {
    queueArn,
    queueName: queueNameOfArn(queueArn),
    foreign: false,
    ...("value" in queue ? { settings: queue.value } : {}),
    ...(deadLetterQueue && "value" in deadLetterQueue ? { deadLetterQueue: deadLetterQueue.value } : {}),
    consumers,
    unreadable: [...unreadable],
  };
}
