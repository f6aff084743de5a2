import { TransientError, UnreadableError } from "../errors.ts";
import type { QueuesPort } from "../ports.ts";

/**
 * The queue's visibility timeout now.
 * @throws TransientError when it cannot be read: in the middle of a change that is worth another try.
 */
export async function currentSeconds(
  { queues }: { readonly queues: QueuesPort },
  queueArn: string,
): Promise<number> {
  try {
    return (await queues.describeQueue(queueArn)).visibilityTimeoutSeconds;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw new TransientError(error.message, { cause: error });
  }
}
