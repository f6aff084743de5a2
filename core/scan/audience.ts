// Whether the people who should be told can be: addresses that have not confirmed, or are subscribed no longer.
import type { Unreadable } from "../model/delivery-path.ts";
import type { SubscriptionsPort } from "../ports.ts";
import { asUnreadable } from "./unreadable.ts";

/** Who should get what a topic says. */
export interface Audience {
  readonly topicArn: string;
  /** What they would miss. */
  readonly what: "the digest" | "requests for approval";
  readonly addresses: readonly string[];
}

export interface Unreached {
  readonly address: string;
  readonly what: Audience["what"];
  /** SNS knows no more: an address that unsubscribed and one that never was subscribed look the same. */
  readonly problem: "has not confirmed the subscription" | "is not subscribed, or no longer";
}

export interface CheckedAudience {
  readonly unreached: readonly Unreached[];
  readonly unreadable: readonly Unreadable[];
}

export async function checkAudiences(
  subscriptions: SubscriptionsPort,
  audiences: readonly Audience[],
): Promise<CheckedAudience> {
  const checked = await Promise.all(audiences.map((one) => checkAudience(subscriptions, one)));
  return {
    unreached: checked.flatMap(({ unreached }) => unreached),
    unreadable: checked.flatMap(({ unreadable }) => unreadable),
  };
}

async function checkAudience(
  subscriptions: SubscriptionsPort,
  { topicArn, what, addresses }: Audience,
): Promise<CheckedAudience> {
  try {
    const known = (await subscriptions.list(topicArn)).filter(({ protocol }) => protocol === "email");
    const unreached = [...new Set(addresses)].flatMap((address): Unreached[] => {
      const own = known.filter(({ endpoint }) => endpoint === address);
      if (own.some(({ confirmed }) => confirmed)) return [];
      const problem =
        own.length > 0 ? "has not confirmed the subscription" : "is not subscribed, or no longer";
      return [{ address, what, problem }];
    });
    return { unreached, unreadable: [] };
  } catch (error) {
    return { unreached: [], unreadable: [asUnreadable(error, topicArn)] };
  }
}

/** One text for one trouble, to know whether it was told before. */
export const unreachedKey = ({ address, what, problem }: Unreached): string =>
  `${address} ${what} ${problem}`;
