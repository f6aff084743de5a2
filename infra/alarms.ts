import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { type MetricName, NAMESPACE, SERVICE } from "../functions/shared/telemetry.ts";
import { MAX_ALARM_HOURS } from "./configuration.ts";
import type { CustomerKey } from "./customer-key.ts";
import { EmailTopic } from "./email-topic.ts";

export interface AlarmsProps {
  readonly addresses: readonly string[];
  readonly scan: StateMachine;
  /** Absent where nothing is changed. */
  readonly remediation: StateMachine | undefined;
  readonly deadLetterQueue: IQueue;
  /** Hours without a finished scan after which somebody is told. */
  readonly missedScanHours: number;
  /** Hours from one scan to the next, at the longest. */
  readonly scanIntervalHours: number;
  readonly customerKey: CustomerKey | undefined;
}

/**
 * Tells people when Doubletake itself is in trouble, where nothing else would. A topic of its own, so that machines
 * that read the digest topic see one kind of message. Each alarm is paid for, so what a missing scan or the next one
 * tells as well has none (docs/adr/0025).
 */
export class Alarms extends Construct {
  readonly topic: EmailTopic;
  readonly all: Alarm[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = new EmailTopic(this, "Topic", {
      displayName: "Doubletake alarms",
      addresses: props.addresses,
      customerKey: props.customerKey,
    });
    this.topic.allowAlarms();

    const { scan, remediation } = props;
    this.whenAny("ScanFailed", scan.metricFailed(), "A scan failed.");
    this.whenAny("ScanTimedOut", scan.metricTimedOut(), "A scan ran into its time limit.");
    this.whenAny(
      "ScanNotStarted",
      props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum" }),
      "The schedule could not start a scan; the dead-letter queue holds what it tried.",
    );
    this.whenNoScanFor(props.missedScanHours, scan.metricSucceeded());
    this.whenSomebodyIsUnreachable(props.scanIntervalHours);
    if (remediation !== undefined) {
      this.whenAny("RemediationFailed", remediation.metricFailed(), "The workflow of a change failed.");
    }
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

  /**
   * Each scan counts them anew. One hour more than the interval, or the alarm would end and ring again between the
   * last scan's point and the next one's.
   */
  private whenSomebodyIsUnreachable(scanIntervalHours: number): void {
    this.add("SubscribersUnreachable", {
      alarmDescription:
        "Somebody who should be told has not confirmed the subscription, or has left (expected of a new deployment, until all have confirmed).",
      metric: ownMetric("UnreachableSubscribers"),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: Math.min(MAX_ALARM_HOURS, Math.ceil(scanIntervalHours) + 1),
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private add(id: string, props: AlarmProps): Alarm {
    const alarm = new Alarm(this, id, props);
    alarm.addAlarmAction(new SnsAction(this.topic.topic));
    this.all.push(alarm);
    return alarm;
  }
}

/** One that the functions publish, as Powertools writes it: once a scan. */
export function ownMetric(metricName: MetricName): Metric {
  return new Metric({
    namespace: NAMESPACE,
    dimensionsMap: { service: SERVICE },
    metricName,
    statistic: "Maximum",
    period: Duration.hours(1),
  });
}
