import { Annotations, Stack, Tags, Token } from "aws-cdk-lib";
import { type IManagedPolicy, ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type * as z from "zod";
import { parseConfiguration } from "../core/problems.ts";
import { Alarms } from "./alarms.ts";
import { AppFunction } from "./app-function.ts";
import { StackConfiguration, scanIntervalHours } from "./configuration.ts";
import { CustomerKey } from "./customer-key.ts";
import { Dashboard } from "./dashboard.ts";
import { EmailTopic } from "./email-topic.ts";
import { LedgerTable } from "./ledger-table.ts";
import { Proposals } from "./proposals.ts";
import { Remediation } from "./remediation.ts";
import { ScanFunctions } from "./scan-functions.ts";
import { ScanSchedule } from "./scan-schedule.ts";
import { ScanWorkflow } from "./scan-workflow.ts";

/** The settings of docs/operations.md, all with a default. Termination protection is the stack's own affair. */
export type DoubletakeProps = Readonly<Omit<z.input<typeof StackConfiguration>, "terminationProtection">>;

/**
 * Everything that one account and Region needs: a schedule, the scan, its ledger, its digest and its alarms; and what
 * may change a queue, unless the mode is `observe`.
 */
export class Doubletake extends Construct {
  readonly digest: EmailTopic;
  readonly alarms: Alarms;
  readonly ledger: LedgerTable;
  readonly scan: ScanWorkflow;
  /** Absent in the mode `observe`. */
  readonly remediation: Remediation | undefined;
  /** Absent where the setting `dashboard` is off. */
  readonly dashboard: Dashboard | undefined;

  /** @throws ConfigError that lists every problem of the props. */
  constructor(scope: Construct, id: string, props: DoubletakeProps = {}) {
    super(scope, id);
    const configuration = parseConfiguration(StackConfiguration, props, `the props of ${this.node.path}`);
    const { kmsKeyArn, ledgerRemovalPolicy, logRetentionDays } = configuration;
    const customerKey = kmsKeyArn === undefined ? undefined : new CustomerKey(this, "CustomerKey", kmsKeyArn);
    const logs = { logRetention: logRetentionDays, logKey: customerKey?.key };
    const logName = logNameOf(this);

    this.ledger = new LedgerTable(this, "Ledger", { removalPolicy: ledgerRemovalPolicy, customerKey });
    this.digest = new EmailTopic(this, "Digest", {
      displayName: "Doubletake",
      addresses: configuration.notifyEmail,
      customerKey,
    });
    const approvals =
      configuration.mode === "observe"
        ? undefined
        : new EmailTopic(this, "Approvals", {
            displayName: "Doubletake approvals",
            addresses: configuration.approvers,
            personal: true,
            customerKey,
          });
    const context = { configuration, ledger: this.ledger, customerKey };
    const { digest } = this;
    const functions = new ScanFunctions(this, "Functions", { ...context, digest, approvals });
    this.remediation =
      approvals &&
      new Remediation(this, "Remediation", {
        ...context,
        digest,
        approvals,
        scanFunctions: functions,
        logName: `${logName}-remediation`,
      });
    const { proposeChanges } = new Proposals(this, "Proposals", {
      ...context,
      digest,
      remediation: this.remediation?.workflow,
    });
    const scanFunctions = { ...functions.byState, ProposeChanges: proposeChanges };
    this.scan = new ScanWorkflow(this, "Scan", {
      functions: scanFunctions,
      logName,
      ...logs,
    });
    const { stateMachine } = this.scan;
    const { deadLetterQueue, role } = new ScanSchedule(this, "Schedule", {
      expression: configuration.schedule,
      stateMachine,
      customerKey,
    });
    this.alarms = new Alarms(this, "Alarms", {
      addresses: configuration.alarmEmail,
      scan: stateMachine,
      remediation: this.remediation?.workflow.stateMachine,
      deadLetterQueue,
      missedScanHours: configuration.missedScanHours,
      scanIntervalHours: scanIntervalHours(configuration),
      customerKey,
    });
    this.dashboard = configuration.dashboard
      ? new Dashboard(this, "Dashboard", {
          name: `${logName}-${Stack.of(this).region}`,
          configuration,
          scan: stateMachine,
          remediation: this.remediation?.workflow.stateMachine,
          scanFunctions,
          functions: this.node.findAll().filter((part) => part instanceof AppFunction),
          alarms: this.alarms.all,
          deadLetterQueue,
        })
      : undefined;

    const { tags, permissionsBoundary } = configuration;
    const boundary = permissionsBoundary === undefined ? undefined : policyOf(this, permissionsBoundary);
    for (const part of [this, role]) {
      for (const [key, value] of Object.entries(tags)) Tags.of(part).add(key, value);
      if (boundary !== undefined) PermissionsBoundary.of(part).apply(boundary);
    }
    this.warnOfSilence(configuration);
  }

  private warnOfSilence({ notifyEmail, approvers, mode }: StackConfiguration): void {
    if (notifyEmail.length === 0) {
      Annotations.of(this).addWarningV2(
        "doubletake:nobody-notified",
        "nobody gets the digest: set notifyEmail, in cdk.json, as a prop, or with -c notifyEmail=you@example.org",
      );
    }
    if (mode !== "observe" && approvers.length === 0) {
      Annotations.of(this).addWarningV2(
        "doubletake:nobody-asked",
        "nobody is asked for approval: set approvers, in cdk.json, as a prop, or with -c approvers=you@example.org; the command line `doubletake approvals` can still decide",
      );
    }
  }
}

/** What is known at deployment only is an ARN. */
function policyOf(scope: Construct, nameOrArn: string): IManagedPolicy {
  return nameOrArn.startsWith("arn:") || Token.isUnresolved(nameOrArn)
    ? ManagedPolicy.fromManagedPolicyArn(scope, "Boundary", nameOrArn)
    : ManagedPolicy.fromManagedPolicyName(scope, "Boundary", nameOrArn);
}

/** Two log groups must have names, and the rest of the stack may have some of its own. */
function logNameOf({ node }: Construct): string {
  const { stackName } = Stack.of(node.scope as Construct);
  return node.id === "Default" ? stackName : `${stackName}-${node.id}`;
}
