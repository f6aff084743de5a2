import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { AppFunction } from "./app-function.ts";
import { defineStateMachine, executionArns } from "./state-machine.ts";

export interface RemediationWorkflowProps {
  /** By the name in the definition's placeholder. */
  readonly functions: Readonly<Record<string, AppFunction>>;
  /** Of the log group, after the prefix for vended logs. */
  readonly logName: string;
  readonly logRetention: RetentionDays;
  readonly logKey: IKey | undefined;
}

/** The remediation's state machine: one execution a change. */
export class RemediationWorkflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: RemediationWorkflowProps) {
    super(scope, id);
    const { stateMachine } = defineStateMachine(this, {
      comment:
        "Asks for approval of one change, applies it, watches its effect and rolls it back if it got worse",
      definition: "remediation.asl.json",
      // The task token is among the data, and whoever reads it can answer for the approvers.
      includeExecutionData: false,
      ...props,
    });
    this.stateMachine = stateMachine;
  }

  /** Lets a role start executions, and see whether one still runs. */
  grantExecutions(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ["states:StartExecution"],
        resources: [this.stateMachine.stateMachineArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ["states:DescribeExecution"],
        resources: executionArns(this.stateMachine, [":*"], {
          holder: role,
          reason: "An execution is named after its change.",
        }),
      }),
    );
  }
}
