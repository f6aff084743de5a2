import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { StackConfiguration } from "./configuration.ts";
import { Doubletake } from "./doubletake.ts";
import type { Remediation } from "./remediation.ts";

export interface DoubletakeStackProps extends StackProps {
  readonly configuration: StackConfiguration;
}

/** Doubletake as a stack of its own, which says where its parts are. */
export class DoubletakeStack extends Stack {
  constructor(scope: Construct, id: string, props: DoubletakeStackProps) {
    const { terminationProtection, ...configuration } = props.configuration;
    super(scope, id, {
      description:
        "Doubletake finds the SQS messages that Lambda functions process twice, proves why, and fixes the queue after approval",
      terminationProtection,
      tags: { application: "doubletake", ...configuration.tags },
      ...props,
    });
    // CDK leaves this id out of logical ids, so that resources are named as if they were the stack's own.
    const { digest, scan, ledger, remediation } = new Doubletake(this, "Default", configuration);

    new CfnOutput(this, "DigestTopicArn", { value: digest.topic.topicArn });
    new CfnOutput(this, "ScanStateMachineArn", { value: scan.stateMachine.stateMachineArn });
    new CfnOutput(this, "LedgerTableName", { value: ledger.table.tableName });
    if (remediation !== undefined) this.sayHowToDecide(remediation);
  }

  private sayHowToDecide({ workflow, endpoint: { approvals, pageUrl } }: Remediation): void {
    new CfnOutput(this, "RemediationStateMachineArn", { value: workflow.stateMachine.stateMachineArn });
    new CfnOutput(this, "ApprovalsFunctionName", { value: approvals.function.functionName });
    if (pageUrl !== undefined) new CfnOutput(this, "ApprovalPageUrl", { value: pageUrl });
  }
}
