import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { Policy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  type CfnStateMachine,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { ScanFunctions } from "./scan-functions.ts";

const DEFINITION = join(import.meta.dirname, "../statemachine/scan.asl.json");

export interface ScanWorkflowProps {
  readonly functions: ScanFunctions;
  readonly logRetention: RetentionDays;
}

/** The scan's state machine. The definition is the file, as it lies; only the functions' ARNs are put in. */
export class ScanWorkflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: ScanWorkflowProps) {
    super(scope, id);
    const functions = Object.entries(props.functions.byState);
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("states.amazonaws.com") });
    // Not grantInvoke, which would add every version and alias.
    role.addToPolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: functions.map(([, fn]) => fn.functionArn),
      }),
    );

    this.stateMachine = new StateMachine(this, "StateMachine", {
      comment: "Finds duplicate deliveries from SQS to Lambda, proves why, and sends a digest",
      definitionBody: DefinitionBody.fromString(readFileSync(DEFINITION, "utf8")),
      definitionSubstitutions: Object.fromEntries(
        functions.map(([state, fn]) => [`${state}FunctionArn`, fn.functionArn]),
      ),
      stateMachineType: StateMachineType.STANDARD,
      role,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, "Logs", {
          // The prefix spares an entry in the account's log resource policy, which is limited to 5,120 characters.
          // @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
          logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}`,
          retention: props.logRetention,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        // Keys and counts only travel between states, and the log is all that an EXPRESS child leaves behind.
        includeExecutionData: true,
      },
    });
    this.allowBatches(role);

    Validations.of(role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason: "X-Ray and CloudWatch Logs delivery accept no resource but *.",
    });
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
    const { partition, region, account } = Stack.of(this);
    const names = [":*", "/*"];
    const policy = new Policy(this, "BatchesPolicy", {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ["states:StartExecution"],
          resources: [stateMachine.stateMachineArn],
        }),
        new PolicyStatement({
          actions: ["states:DescribeExecution", "states:StopExecution"],
          resources: names.map(
            (name) =>
              `arn:${partition}:states:${region}:${account}:execution:${stateMachine.stateMachineName}${name}`,
          ),
        }),
      ],
    });
    const machine = `<${Stack.of(this).getLogicalId(stateMachine.node.defaultChild as CfnStateMachine)}.Name>`;
    for (const name of names) {
      Validations.of(policy).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${machine}${name}]`,
        reason: "The map names its children itself; they are executions of this state machine.",
      });
    }
  }
}
