// Amazon SNS's operations on subscriptions over the wire.
import * as z from "zod";
import type { SimulatedAccount } from "../account.ts";
import { pageOf } from "./paging.ts";
import { checked, type Operation } from "./service.ts";
import { INVALID, invalidParameter } from "./sns-errors.ts";
import type { Subscription, Subscriptions } from "./sns-subscriptions.ts";

const PAGE = 100;

export const Paging = z.object({ NextToken: z.string().optional() });
export const Topic = z.object({ TopicArn: z.string() });
/** Not what lists show in its place while it is pending. */
const ByArn = z.object({ SubscriptionArn: z.string().startsWith("arn:") });

/** Query parameters are texts. */
const isTrue = (text: string | undefined) => text?.toLowerCase() === "true";

export function pageOfSns<Item>(items: readonly Item[], token: string | undefined) {
  return pageOf(items, PAGE, token, () => {
    throw invalidParameter("NextToken");
  });
}

/** @param requireTopic throws when there is none. */
export function subscriptionOperations(
  account: SimulatedAccount,
  subscriptions: Subscriptions,
  requireTopic: (arn: string) => void,
): Readonly<Record<string, Operation>> {
  const listed = (items: readonly Subscription[], token: string | undefined) => {
    const { items: shown, nextToken } = pageOfSns(items, token);
    const Subscriptions = shown.map(({ arn, confirmed, protocol, endpoint, topicArn }) => ({
      SubscriptionArn: confirmed ? arn : "PendingConfirmation",
      Owner: account.accountId,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn,
    }));
    return { Subscriptions, NextToken: nextToken };
  };

  return {
    Subscribe: checked(
      INVALID,
      Topic.extend({
        Protocol: z.enum(["sqs", "email", "email-json", "http", "https", "lambda", "sms"]),
        Endpoint: z.string().min(1),
        Attributes: z.record(z.string(), z.string()).optional(),
        ReturnSubscriptionArn: z.string().optional(),
      }),
      ({ TopicArn, Protocol, Endpoint, Attributes = {}, ReturnSubscriptionArn }) => {
        requireTopic(TopicArn);
        if (Protocol.startsWith("email") && !Endpoint.includes("@")) {
          throw invalidParameter("Email address");
        }
        const { arn, confirmed } = subscriptions.subscribe({
          topicArn: TopicArn,
          protocol: Protocol,
          endpoint: Endpoint,
          attributes: Attributes,
        });
        const told = confirmed || isTrue(ReturnSubscriptionArn);
        return { SubscriptionArn: told ? arn : "pending confirmation" };
      },
    ),

    ConfirmSubscription: checked(
      INVALID,
      Topic.extend({ Token: z.string().min(1), AuthenticateOnUnsubscribe: z.string().optional() }),
      ({ TopicArn, Token, AuthenticateOnUnsubscribe }) => {
        requireTopic(TopicArn);
        const { arn } = subscriptions.confirm(TopicArn, Token, isTrue(AuthenticateOnUnsubscribe));
        return { SubscriptionArn: arn };
      },
    ),

    Unsubscribe: checked(INVALID, ByArn, ({ SubscriptionArn }) => {
      subscriptions.unsubscribe(SubscriptionArn);
    }),

    GetSubscriptionAttributes: checked(INVALID, ByArn, ({ SubscriptionArn }) => {
      const found = subscriptions.find(SubscriptionArn);
      const attributes = {
        RawMessageDelivery: "false",
        ...found.attributes,
        SubscriptionArn,
        TopicArn: found.topicArn,
        Protocol: found.protocol,
        Endpoint: found.endpoint,
        Owner: account.accountId,
        PendingConfirmation: String(!found.confirmed),
        ConfirmationWasAuthenticated: String(found.authenticated),
      };
      return { Attributes: new Map(Object.entries(attributes)) };
    }),

    SetSubscriptionAttributes: checked(
      INVALID,
      ByArn.extend({ AttributeName: z.string(), AttributeValue: z.string() }),
      ({ SubscriptionArn, AttributeName, AttributeValue }) => {
        subscriptions.set(SubscriptionArn, AttributeName, AttributeValue);
      },
    ),

    ListSubscriptions: checked(INVALID, Paging, ({ NextToken }) => listed(subscriptions.all(), NextToken)),

    ListSubscriptionsByTopic: checked(INVALID, Topic.extend(Paging.shape), ({ TopicArn, NextToken }) => {
      requireTopic(TopicArn);
      return listed(subscriptions.of(TopicArn), NextToken);
    }),
  };
}
