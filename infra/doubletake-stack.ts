import { Annotations, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Alarms } from "./alarms.ts";
import type { StackConfiguration } from "./configuration.ts";
import { EmailTopic } from "./email-topic.ts";
import { LedgerTable } from "./ledger-table.ts";
import { ScanFunctions } from "./scan-functions.ts";
import { ScanSchedule } from "./scan-schedule.ts";
import { ScanWorkflow } from "./scan-workflow.ts";

export interface DoubletakeStackProps extends StackProps {
  readonly configuration: StackConfiguration;
}

/** Everything that one account and Region needs: a schedule, the scan, its ledger, its digest and its alarms. */
export class DoubletakeStack extends Stack {
  constructor(scope: Construct, id: string, props: DoubletakeStackProps) {
    const { configuration } = props;
    super(scope, id, {
      description: "Doubletake finds the SQS messages that Lambda functions process twice, and proves why",
      terminationProtection: configuration.terminationProtection,
      tags: { application: "doubletake" },
      ...props,
    });

    const ledger = new LedgerTable(this, "Ledger");
    const digest = new EmailTopic(this, "Digest", {
      displayName: "Doubletake",
      addresses: configuration.notifyEmail,
    });
    const functions = new ScanFunctions(this, "Functions", { configuration, ledger, digest });
    const { stateMachine } = new ScanWorkflow(this, "Scan", {
      functions,
      logRetention: configuration.logRetentionDays,
    });
    const { deadLetterQueue } = new ScanSchedule(this, "Schedule", {
      expression: configuration.schedule,
      stateMachine,
    });
    new Alarms(this, "Alarms", {
      addresses: configuration.alarmEmail,
      stateMachine,
      deadLetterQueue,
      missedScanHours: configuration.missedScanHours,
    });

    if (configuration.notifyEmail.length === 0) {
      Annotations.of(this).addWarningV2(
        "doubletake:nobody-notified",
        "nobody gets the digest: set notifyEmail in cdk.json, or -c notifyEmail=you@example.org",
      );
    }
    new CfnOutput(this, "DigestTopicArn", { value: digest.topic.topicArn });
    new CfnOutput(this, "ScanStateMachineArn", { value: stateMachine.stateMachineArn });
    new CfnOutput(this, "LedgerTableName", { value: ledger.table.tableName });
  }
}
