import { Policy, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { AppFunction } from "./app-function.ts";
import { defineStateMachine, executionArns } from "./state-machine.ts";

export interface ScanWorkflowProps {
  /** By the name of the state that calls the function. */
  readonly functions: Readonly<Record<string, AppFunction>>;
  /** Of the log group, after the prefix for vended logs. */
  readonly logName: string;
  readonly logRetention: RetentionDays;
  readonly logKey: IKey | undefined;
}

/** The scan's state machine. */
export class ScanWorkflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: ScanWorkflowProps) {
    super(scope, id);
    const { stateMachine, role } = defineStateMachine(this, {
      comment:
        "Finds duplicate deliveries from SQS to Lambda, proves why, sends a digest and proposes changes",
      definition: "scan.asl.json",
      // Keys and counts only travel between states, and the log is all that an EXPRESS child leaves behind.
      includeExecutionData: true,
      ...props,
    });
    this.stateMachine = stateMachine;
    this.allowBatches(role);
  }

  /**
   * A Distributed Map starts, watches and stops its children as executions of the same state machine, which are
   * named `machine:id` or `machine/mapLabel:id`. A policy of its own, because the machine waits for the role's
   * default policy, which therefore cannot name the machine.
   *
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
   */
  private allowBatches(role: Role): void {
    const { stateMachine } = this;
    const policy = new Policy(this, "BatchesPolicy", { roles: [role] });
    policy.addStatements(
      new PolicyStatement({
        actions: ["states:StartExecution"],
        resources: [stateMachine.stateMachineArn],
      }),
      new PolicyStatement({
        actions: ["states:DescribeExecution", "states:StopExecution"],
        resources: executionArns(stateMachine, [":*", "/*"], {
          holder: policy,
          reason: "The map names its children itself; they are executions of this state machine.",
        }),
      }),
    );
  }
}
