import { Annotations, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Alarms } from "./alarms.ts";
import type { StackConfiguration } from "./configuration.ts";
import { EmailTopic } from "./email-topic.ts";
import { LedgerTable } from "./ledger-table.ts";
import { Proposals } from "./proposals.ts";
import { Remediation } from "./remediation.ts";
import { ScanFunctions } from "./scan-functions.ts";
import { ScanSchedule } from "./scan-schedule.ts";
import { ScanWorkflow } from "./scan-workflow.ts";

export interface DoubletakeStackProps extends StackProps {
  readonly configuration: StackConfiguration;
}

/**
 * Everything that one account and Region needs: a schedule, the scan, its ledger, its digest and its alarms; and what
 * may change a queue, unless the mode is `observe`.
 */
export class DoubletakeStack extends Stack {
  constructor(scope: Construct, id: string, props: DoubletakeStackProps) {
    const { configuration } = props;
    super(scope, id, {
      description:
        "Doubletake finds the SQS messages that Lambda functions process twice, proves why, and fixes the queue after approval",
      terminationProtection: configuration.terminationProtection,
      tags: { application: "doubletake" },
      ...props,
    });

    const ledger = new LedgerTable(this, "Ledger");
    const digest = new EmailTopic(this, "Digest", {
      displayName: "Doubletake",
      addresses: configuration.notifyEmail,
    });
    const approvals =
      configuration.mode === "observe"
        ? undefined
        : new EmailTopic(this, "Approvals", {
            displayName: "Doubletake approvals",
            addresses: configuration.approvers,
            personal: true,
          });
    const context = { configuration, ledger };
    const functions = new ScanFunctions(this, "Functions", { ...context, digest, approvals });
    const remediation =
      approvals &&
      new Remediation(this, "Remediation", { ...context, digest, approvals, scanFunctions: functions });
    const { proposeChanges } = new Proposals(this, "Proposals", {
      ...context,
      digest,
      remediation: remediation?.workflow,
    });
    const { stateMachine } = new ScanWorkflow(this, "Scan", {
      functions: { ...functions.byState, ProposeChanges: proposeChanges },
      logRetention: configuration.logRetentionDays,
    });
    const { deadLetterQueue } = new ScanSchedule(this, "Schedule", {
      expression: configuration.schedule,
      stateMachine,
    });
    new Alarms(this, "Alarms", {
      addresses: configuration.alarmEmail,
      scan: stateMachine,
      remediation: remediation?.workflow.stateMachine,
      deadLetterQueue,
      missedScanHours: configuration.missedScanHours,
      scanIntervalHours: configuration.scanIntervalHours,
    });

    new CfnOutput(this, "DigestTopicArn", { value: digest.topic.topicArn });
    new CfnOutput(this, "ScanStateMachineArn", { value: stateMachine.stateMachineArn });
    new CfnOutput(this, "LedgerTableName", { value: ledger.table.tableName });
    if (remediation !== undefined) this.sayHowToDecide(remediation);
    this.warnOfSilence(configuration);
  }

  private sayHowToDecide({ workflow, endpoint: { approvals, pageUrl } }: Remediation): void {
    new CfnOutput(this, "RemediationStateMachineArn", { value: workflow.stateMachine.stateMachineArn });
    new CfnOutput(this, "ApprovalsFunctionName", { value: approvals.function.functionName });
    if (pageUrl !== undefined) new CfnOutput(this, "ApprovalPageUrl", { value: pageUrl });
  }

  private warnOfSilence({ notifyEmail, approvers, mode }: StackConfiguration): void {
    if (notifyEmail.length === 0) {
      Annotations.of(this).addWarningV2(
        "doubletake:nobody-notified",
        "nobody gets the digest: set notifyEmail in cdk.json, or -c notifyEmail=you@example.org",
      );
    }
    if (mode !== "observe" && approvers.length === 0) {
      Annotations.of(this).addWarningV2(
        "doubletake:nobody-asked",
        "nobody is asked for approval: set approvers in cdk.json, or -c approvers=you@example.org; the command line `doubletake approvals` can still decide",
      );
    }
  }
}
