import { Stack } from "aws-cdk-lib";
import { Grant, PolicyStatement, type Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { SubscriptionFilter, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { CustomerKey } from "./customer-key.ts";

/** The message attribute that the notifier adds to what is for one person. */
const RECIPIENT = "recipient";

export interface EmailTopicProps {
  /** Sender's name in the mails. */
  readonly displayName: string;
  readonly addresses: readonly string[];
  /**
   * True when each address gets only what names it as its recipient.
   * @default false: everybody gets everything
   */
  readonly personal?: boolean;
  /** Absent where nothing is encrypted at rest. */
  readonly customerKey: CustomerKey | undefined;
}

/**
 * A topic with its e-mail subscribers. TLS only, and no customer key unless one is given: it would cost more than all
 * else in this stack, and what is published holds ids, counts and links, no message bodies.
 */
export class EmailTopic extends Construct {
  readonly topic: Topic;
  private readonly customerKey: CustomerKey | undefined;

  constructor(scope: Construct, id: string, props: EmailTopicProps) {
    super(scope, id);
    const { displayName, customerKey } = props;
    this.customerKey = customerKey;
    this.topic = new Topic(this, "Topic", {
      displayName,
      enforceSSL: true,
      ...(customerKey && { masterKey: customerKey.key }),
    });
    for (const address of new Set(props.addresses)) {
      this.topic.addSubscription(
        new EmailSubscription(address, {
          ...(props.personal === true && {
            filterPolicy: { [RECIPIENT]: SubscriptionFilter.stringFilter({ allowlist: [address] }) },
          }),
        }),
      );
    }
  }

  /** Not the topic's own grant, which would add a wildcard on the key. */
  grantPublish(role: Role): void {
    this.grant(role, "sns:Publish");
    this.customerKey?.grantUse(role, "sns");
  }

  /** Lets a function see who has confirmed the subscription. */
  grantListSubscriptions(role: Role): void {
    this.grant(role, "sns:ListSubscriptionsByTopic");
  }

  private grant(grantee: Role, action: string): void {
    Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [this.topic.topicArn] });
  }

  /**
   * Lets the account's CloudWatch alarms publish. The TLS rule replaces SNS's default policy, which would
   * have allowed it; without this statement alarms ring and nobody hears.
   */
  allowAlarms(): void {
    const { account } = Stack.of(this);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AllowAlarms",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": account } },
      }),
    );
  }
}
