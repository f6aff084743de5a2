import { TransientError, UnreadableError } from "../errors.ts";
import type { QueueSettings } from "../model/delivery-path.ts";
import type { QueuesPort } from "../ports.ts";

interface ReadPort {
  readonly queues: Pick<QueuesPort, "describeQueue">;
}

/**
 * The queue as it is now.
 * @throws TransientError when it cannot be read: in the middle of a change that is worth another try.
 */
export async function describeNow({ queues }: ReadPort, queueArn: string): Promise<QueueSettings> {
  try {
    return await queues.describeQueue(queueArn);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw new TransientError(error.message, { cause: error });
  }
}

/** Its visibility timeout alone. @throws as {@link describeNow} does. */
export async function currentSeconds(ports: ReadPort, queueArn: string): Promise<number> {
  return (await describeNow(ports, queueArn)).visibilityTimeoutSeconds;
}
