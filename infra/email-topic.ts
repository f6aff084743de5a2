import { Stack } from "aws-cdk-lib";
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { SubscriptionFilter, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";

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
}

/**
 * A topic with its e-mail subscribers. TLS only, and no customer key: it would cost more than all else in
 * this stack, and what is published holds ids, counts and links, no message bodies.
 */
export class EmailTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: EmailTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", { displayName: props.displayName, enforceSSL: true });
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

  grantPublish(grantee: IGrantable): void {
    this.topic.grantPublish(grantee);
  }

  /** Lets a function see who has confirmed the subscription. */
  grantListSubscriptions(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["sns:ListSubscriptionsByTopic"],
      resourceArns: [this.topic.topicArn],
    });
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
