import { Duration, Validations } from "aws-cdk-lib";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from "aws-cdk-lib/aws-scheduler";
import { StepFunctionsStartExecution } from "aws-cdk-lib/aws-scheduler-targets";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { IStateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

export interface ScanScheduleProps {
  /** `rate(…)` or `cron(…)`, in UTC. */
  readonly expression: string;
  readonly stateMachine: IStateMachine;
}

/** Starts a scan at each scheduled time; a start that never succeeded ends in the dead-letter queue. */
export class ScanSchedule extends Construct {
  readonly schedule: Schedule;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: ScanScheduleProps) {
    super(scope, id);
    this.deadLetterQueue = new Queue(this, "DeadLetters", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.schedule = new Schedule(this, "Schedule", {
      description: "Starts a scan for duplicate deliveries",
      schedule: ScheduleExpression.expression(props.expression),
      timeWindow: TimeWindow.off(),
      target: new StepFunctionsStartExecution(props.stateMachine, {
        // The scheduled time stays the same over Scheduler's retries, so it names the scan.
        input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime }),
        deadLetterQueue: this.deadLetterQueue,
        // Both limits, or Scheduler tries 185 times over 24 hours.
        retryAttempts: 5,
        maxEventAge: Duration.minutes(30),
      }),
    });
    Validations.of(this.deadLetterQueue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This is the dead-letter queue of the schedule.",
    });
  }
}
