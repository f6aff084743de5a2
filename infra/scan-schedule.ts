import { Duration, Validations } from "aws-cdk-lib";
import type { Role } from "aws-cdk-lib/aws-iam";
import {
  ContextAttribute,
  type IScheduleTarget,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from "aws-cdk-lib/aws-scheduler";
import { StepFunctionsStartExecution } from "aws-cdk-lib/aws-scheduler-targets";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { IStateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { CustomerKey } from "./customer-key.ts";

export interface ScanScheduleProps {
  /** `rate(…)` or `cron(…)`, in UTC. */
  readonly expression: string;
  readonly stateMachine: IStateMachine;
  readonly customerKey: CustomerKey | undefined;
}

/** Starts a scan at each scheduled time; a start that never succeeded ends in the dead-letter queue. */
export class ScanSchedule extends Construct {
  readonly schedule: Schedule;
  readonly deadLetterQueue: Queue;
  /** CDK puts it into the stack, beside this construct. */
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ScanScheduleProps) {
    super(scope, id);
    this.deadLetterQueue = new Queue(this, "DeadLetters", {
      ...(props.customerKey
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: props.customerKey.key }
        : { encryption: QueueEncryption.SQS_MANAGED }),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const target = withRole(
      new StepFunctionsStartExecution(props.stateMachine, {
        // The scheduled time stays the same over Scheduler's retries, so it names the scan.
        input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime }),
        deadLetterQueue: this.deadLetterQueue,
        // Both limits, or Scheduler tries 185 times over 24 hours.
        retryAttempts: 5,
        maxEventAge: Duration.minutes(30),
      }),
    );
    this.schedule = new Schedule(this, "Schedule", {
      description: "Starts a scan for duplicate deliveries",
      schedule: ScheduleExpression.expression(props.expression),
      timeWindow: TimeWindow.off(),
      target,
    });
    this.role = target.role();
    props.customerKey?.grantUse(this.role, "sqs");
    Validations.of(this.deadLetterQueue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This is the dead-letter queue of the schedule.",
    });
  }
}

/** A target that shows the role it was given, which only its binding does. */
function withRole(target: IScheduleTarget): IScheduleTarget & { readonly role: () => Role } {
  let role: Role | undefined;
  return {
    bind: (schedule) => {
      const config = target.bind(schedule);
      role = config.role as Role;
      return config;
    },
    role: () => {
      if (role === undefined) throw new Error("expected a target that was bound to a schedule");
      return role;
    },
  };
}
