// A standard state machine from a definition file, as it lies; only the functions' ARNs are put in.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  type CfnStateMachine,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import type { AppFunction } from "./app-function.ts";

export interface DefinedStateMachineProps {
  readonly comment: string;
  /** File under `statemachine/`. */
  readonly definition: string;
  /** By the name in the definition's placeholder, `${NameFunctionArn}`. */
  readonly functions: Readonly<Record<string, AppFunction>>;
  /** Of the log group, after the prefix for vended logs. */
  readonly logName: string;
  readonly logRetention: RetentionDays;
  /** Absent where CloudWatch Logs' own key encrypts the log. */
  readonly logKey: IKey | undefined;
  /** Whether the log holds what goes into states and comes out of them. */
  readonly includeExecutionData: boolean;
}

/** It may invoke its functions and write its log and traces, and no more. */
export function defineStateMachine(
  scope: Construct,
  props: DefinedStateMachineProps,
): { readonly stateMachine: StateMachine; readonly role: Role } {
  const functions = Object.entries(props.functions);
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal("states.amazonaws.com") });
  // Not grantInvoke, which would add every version and alias.
  role.addToPolicy(
    new PolicyStatement({
      actions: ["lambda:InvokeFunction"],
      resources: functions.map(([, { function: fn }]) => fn.functionArn),
    }),
  );
  const stateMachine = new StateMachine(scope, "StateMachine", {
    comment: props.comment,
    definitionBody: DefinitionBody.fromString(
      readFileSync(join(import.meta.dirname, "../statemachine", props.definition), "utf8"),
    ),
    definitionSubstitutions: Object.fromEntries(
      functions.map(([name, { function: fn }]) => [`${name}FunctionArn`, fn.functionArn]),
    ),
    stateMachineType: StateMachineType.STANDARD,
    role,
    tracingEnabled: true,
    logs: {
      destination: new LogGroup(scope, "Logs", {
        // The prefix spares an entry in the account's log resource policy, which is limited to 5,120 characters.
        // @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
        logGroupName: `/aws/vendedlogs/states/${props.logName}`,
        retention: props.logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
        ...(props.logKey && { encryptionKey: props.logKey }),
      }),
      level: LogLevel.ALL,
      includeExecutionData: props.includeExecutionData,
    },
  });
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason: "X-Ray and CloudWatch Logs delivery accept no resource but *.",
  });
  return { stateMachine, role };
}

/**
 * ARNs of a state machine's executions whose names end so, for the policy of `holder`; cdk-nag gets the reason.
 *
 * @param endings what follows the state machine's name.
 */
export function executionArns(
  stateMachine: StateMachine,
  endings: readonly string[],
  { holder, reason }: { readonly holder: Construct; readonly reason: string },
): string[] {
  const { partition, region, account } = Stack.of(stateMachine);
  const written = `<${Stack.of(stateMachine).getLogicalId(stateMachine.node.defaultChild as CfnStateMachine)}.Name>`;
  return endings.map((ending) => {
    Validations.of(holder).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${written}${ending}]`,
      reason,
    });
    return `arn:${partition}:states:${region}:${account}:execution:${stateMachine.stateMachineName}${ending}`;
  });
}
