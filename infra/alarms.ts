import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { EmailTopic } from "./email-topic.ts";

export interface AlarmsProps {
  readonly addresses: readonly string[];
  readonly stateMachine: StateMachine;
  readonly deadLetterQueue: IQueue;
  /** Hours without a finished scan after which somebody is told. */
  readonly missedScanHours: number;
}

/**
 * Tells people when Doubletake itself is in trouble. A topic of its own, so that machines that read the
 * digest topic see one kind of message.
 */
export class Alarms extends Construct {
  readonly topic: EmailTopic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = new EmailTopic(this, "Topic", {
      displayName: "Doubletake alarms",
      addresses: props.addresses,
    });
    this.topic.allowAlarms();

    const { stateMachine } = props;
    this.whenAny("ScanFailed", stateMachine.metricFailed(), "A scan failed.");
    this.whenAny("ScanTimedOut", stateMachine.metricTimedOut(), "A scan ran into its time limit.");
    this.whenAny("ScanAborted", stateMachine.metricAborted(), "A scan was stopped by hand.");
    this.whenAny(
      "ScanNotStarted",
      props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum" }),
      "The schedule could not start a scan; the dead-letter queue holds what it tried.",
    );
    this.whenNoScanFor(props.missedScanHours, stateMachine.metricSucceeded());
  }

  private whenAny(id: string, metric: Metric, description: string): void {
    this.add(id, {
      alarmDescription: description,
      metric: metric.with({ period: Duration.minutes(5) }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /**
   * An hour without a finished scan has no data point, which must count against it. A new deployment therefore
   * rings once, and says so again when its first scan has finished.
   */
  private whenNoScanFor(hours: number, metric: Metric): void {
    const alarm = this.add("ScanMissing", {
      alarmDescription: `No scan has finished for ${hours} hours (expected once, before the first scan of a new deployment).`,
      metric: metric.with({ period: Duration.hours(1), statistic: "Sum" }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: hours,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarm.addOkAction(new SnsAction(this.topic.topic));
  }

  private add(id: string, props: AlarmProps): Alarm {
    const alarm = new Alarm(this, id, props);
    alarm.addAlarmAction(new SnsAction(this.topic.topic));
    return alarm;
  }
}
