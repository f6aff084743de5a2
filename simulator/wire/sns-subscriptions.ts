// Who gets what is published: subscriptions, with their owners' confirmation and their filters.
import { SimulatedAwsError } from "../account.ts";
import { invalidParameter } from "./sns-errors.ts";
import { type FilterPolicy, type MessageAttributes, parseFilterPolicy, passes } from "./sns-filter.ts";
import { idOf } from "./sns-ids.ts";

/** Endpoints whose owners are asked first; queues and functions of the account itself are not. */
const NEEDS_CONFIRMATION: ReadonlySet<string> = new Set(["email", "email-json", "http", "https"]);
/** Attributes that can be set. Only FilterPolicy and RawMessageDelivery have an effect here. */
const SETTABLE: ReadonlySet<string> = new Set([
  "DeliveryPolicy",
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "RedrivePolicy",
  "SubscriptionRoleArn",
]);

export interface NewSubscription {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Subscription extends NewSubscription {
  readonly arn: string;
  /** What the confirmation message would hold. */
  readonly token: string;
  readonly confirmed: boolean;
  /** Confirmed with AuthenticateOnUnsubscribe, or by the topic's owner in subscribing. */
  readonly authenticated: boolean;
  readonly filter: FilterPolicy;
}

/** One that waits for its endpoint's owner. */
export type PendingSubscription = Pick<Subscription, "topicArn" | "protocol" | "endpoint" | "token">;

/** @throws SimulatedAwsError for an attribute that SNS does not have, or a value that is not modelled. */
function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!SETTABLE.has(name)) {
      throw invalidParameter("AttributeName");
    }
    if (name === "FilterPolicyScope" && value !== "MessageAttributes") {
      throw invalidParameter("FilterPolicyScope: expected MessageAttributes (all that is simulated)");
    }
  }
}

export class Subscriptions {
  readonly #byArn = new Map<string, Subscription>();
  /** By topic. */
  readonly #deleted = new Map<string, number>();
  #made = 0;

  /** The same endpoint again is the same subscription, unless an attribute that is named differs. */
  subscribe(asked: NewSubscription): Subscription {
    const { topicArn, protocol, endpoint, attributes } = asked;
    checkAttributes(attributes);
    const filter = parseFilterPolicy(attributes["FilterPolicy"] ?? "{}");
    const arn = `${topicArn}:${idOf("subscription", topicArn, protocol, endpoint)}`;
    const known = this.#byArn.get(arn);
    if (known !== undefined) {
      if (Object.entries(attributes).some(([name, value]) => known.attributes[name] !== value)) {
        throw invalidParameter("Attributes Reason: Subscription already exists with different attributes");
      }
      return known;
    }
    this.#made++;
    const confirmed = !NEEDS_CONFIRMATION.has(protocol);
    const token = idOf("token", arn, this.#made);
    return this.#put({ ...asked, arn, token, confirmed, authenticated: confirmed, filter });
  }

  /** Again with the same token: nothing more happens. */
  confirm(topicArn: string, token: string, authenticated: boolean): Subscription {
    const found = this.of(topicArn).find((subscription) => subscription.token === token);
    if (found === undefined) {
      throw invalidParameter("Token");
    }
    return found.confirmed ? found : this.#put({ ...found, confirmed: true, authenticated });
  }

  /** What everybody does who follows the link in the confirmation mail. */
  confirmAll(): void {
    for (const { topicArn, token } of this.pending()) {
      this.confirm(topicArn, token, false);
    }
  }

  pending(): readonly PendingSubscription[] {
    return this.all()
      .filter(({ confirmed }) => !confirmed)
      .map(({ topicArn, protocol, endpoint, token }) => ({ topicArn, protocol, endpoint, token }));
  }

  /** One that does not exist is no error; a pending one cannot be unsubscribed by anybody. */
  unsubscribe(arn: string): void {
    const found = this.#byArn.get(arn);
    if (found === undefined) {
      return;
    }
    if (!found.confirmed) {
      throw invalidParameter(
        "SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation",
      );
    }
    this.#byArn.delete(arn);
    this.#deleted.set(found.topicArn, this.deletedOf(found.topicArn) + 1);
  }

  set(arn: string, name: string, value: string): void {
    const found = this.find(arn);
    checkAttributes({ [name]: value });
    const attributes = { ...found.attributes, [name]: value };
    this.#put({ ...found, attributes, filter: parseFilterPolicy(attributes["FilterPolicy"] ?? "{}") });
  }

  /** @throws SimulatedAwsError when there is none. */
  find(arn: string): Subscription {
    const found = this.#byArn.get(arn);
    if (found === undefined) {
      throw new SimulatedAwsError("NotFound", "Subscription does not exist", 404);
    }
    return found;
  }

  all(): readonly Subscription[] {
    return [...this.#byArn.values()];
  }

  of(topicArn: string): readonly Subscription[] {
    return this.all().filter((subscription) => subscription.topicArn === topicArn);
  }

  deletedOf(topicArn: string): number {
    return this.#deleted.get(topicArn) ?? 0;
  }

  /** Those that a message with these attributes is delivered to. */
  reached(topicArn: string, attributes: MessageAttributes): readonly Subscription[] {
    return this.of(topicArn).filter(({ confirmed, filter }) => confirmed && passes(filter, attributes));
  }

  #put(subscription: Subscription): Subscription {
    this.#byArn.set(subscription.arn, subscription);
    return subscription;
  }
}
