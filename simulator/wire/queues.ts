// Finding queues for the wire: by URL, whatever host a client was told, and not those that a fault took away.
import { type SimulatedAccount, SimulatedAwsError, type SimulatedQueue } from "../account.ts";
import type { Faults } from "../faults.ts";

export interface QueueFinder {
  readonly all: () => readonly SimulatedQueue[];
  /** @throws SimulatedAwsError when there is none, or it belongs to another account. */
  readonly byUrl: (url: string) => SimulatedQueue;
  /** @throws SimulatedAwsError when there is none. */
  readonly byName: (name: string, ownerAccountId?: string) => SimulatedQueue;
  readonly byArn: (arn: string) => SimulatedQueue | undefined;
}

function nonExistentQueue(): SimulatedAwsError {
  return new SimulatedAwsError(
    "AWS.SimpleQueueService.NonExistentQueue",
    "The specified queue does not exist.",
  );
}

export function createQueueFinder(account: SimulatedAccount, faults: Faults): QueueFinder {
  const all = () =>
    account
      .queues()
      .filter((queue) => queue.accountId === account.accountId && !faults.isQueueGone(queue.name));
  const byName = (name: string, ownerAccountId = account.accountId) => {
    const found = all().find((queue) => queue.name === name && queue.accountId === ownerAccountId);
    if (found === undefined) {
      throw nonExistentQueue();
    }
    return found;
  };
  return {
    all,
    byName,
    byArn: (arn) => all().find((queue) => queue.arn === arn),
    byUrl(url) {
      const [owner = "", name = ""] = url.split("/").slice(-2);
      if (/^\d{12}$/.test(owner) && owner !== account.accountId) {
        throw new SimulatedAwsError("AccessDenied", `Access to the resource ${url} is denied.`, 403);
      }
      return byName(name);
    },
  };
}
