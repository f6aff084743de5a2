import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import { ApplyEnv } from "../functions/apply/config.ts";
import { CloseEnv } from "../functions/close/config.ts";
import { ConcludeApprovalEnv } from "../functions/conclude-approval/config.ts";
import { ConfirmEnv } from "../functions/confirm/config.ts";
import { MeasureEffectEnv } from "../functions/measure-effect/config.ts";
import { NotifyOutcomeEnv } from "../functions/notify-outcome/config.ts";
import { PrepareEffectEnv } from "../functions/prepare-effect/config.ts";
import { RequestApprovalEnv } from "../functions/request-approval/config.ts";
import { RevalidateEnv } from "../functions/revalidate/config.ts";
import { changeAccess, pathAccess, queueAccess } from "./account-access.ts";
import type { AppFunction } from "./app-function.ts";
import type { ApprovalEndpoint } from "./approval-endpoint.ts";
import type { EmailTopic } from "./email-topic.ts";
import {
  changeEnvironment,
  type FunctionContext,
  ledgerEnvironment,
  ledgerFunction,
} from "./ledger-function.ts";

export interface RemediationFunctionsProps extends FunctionContext {
  readonly digest: EmailTopic;
  readonly approvals: EmailTopic;
  readonly endpoint: ApprovalEndpoint;
}

/** The states that have a function of their own: RollBack calls Apply's, so that one function alone may change queues. */
type RemediationState =
  | "Revalidate"
  | "RequestApproval"
  | "ConcludeApproval"
  | "Apply"
  | "Confirm"
  | "PrepareEffect"
  | "MeasureEffect"
  | "Close"
  | "NotifyOutcome";

/** The functions of the remediation workflow, and what each may do besides using the ledger. */
export class RemediationFunctions extends Construct {
  /** By the name of the state that calls the function. */
  readonly byState: Readonly<Record<RemediationState, AppFunction>>;

  constructor(scope: Construct, id: string, props: RemediationFunctionsProps) {
    super(scope, id);
    const { configuration, digest, approvals, endpoint } = props;
    const ledger = ledgerEnvironment(props);
    const change = changeEnvironment(props);
    const toDigest = { DIGEST_TOPIC_ARN: digest.topic.topicArn };
    // A queue may have many consumers, and each is asked for.
    const readsPath = { timeout: Duration.seconds(115), access: pathAccess };

    this.byState = {
      Revalidate: ledgerFunction(this, "Revalidate", props, {
        description: "Checks a plan again before anybody is asked",
        ledger: ["DeleteItem", "GetItem", "UpdateItem"],
        env: RevalidateEnv,
        environment: change,
        ...readsPath,
      }),
      RequestApproval: ledgerFunction(this, "RequestApproval", props, {
        description: "Mails each approver a link of their own",
        ledger: ["DeleteItem", "GetItem", "PutItem", "UpdateItem"],
        env: RequestApprovalEnv,
        environment: {
          ...change,
          APPROVAL_TOPIC_ARN: approvals.topic.topicArn,
          APPROVAL_PAGE_URL: endpoint.pageUrl,
          APPROVALS_FUNCTION: endpoint.approvals.function.functionName,
        },
        timeout: Duration.seconds(55),
      }),
      ConcludeApproval: ledgerFunction(this, "ConcludeApproval", props, {
        description: "Says what was decided",
        ledger: ["DeleteItem", "GetItem", "UpdateItem"],
        env: ConcludeApprovalEnv,
        environment: ledger,
      }),
      Apply: ledgerFunction(this, "Apply", props, {
        description: "Raises a visibility timeout, or rolls that back",
        ledger: ["DeleteItem", "GetItem", "UpdateItem"],
        env: ApplyEnv,
        environment: change,
        timeout: Duration.seconds(115),
        access: [...pathAccess, ...changeAccess(configuration)],
      }),
      Confirm: ledgerFunction(this, "Confirm", props, {
        description: "Reads a changed queue back and says until when it is watched",
        ledger: ["DeleteItem", "GetItem", "PutItem", "UpdateItem"],
        env: ConfirmEnv,
        environment: { ...change, ...toDigest },
        access: queueAccess,
      }),
      PrepareEffect: ledgerFunction(this, "PrepareEffect", props, {
        description: "Lays out the observation window as a scan of one path",
        ledger: ["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"],
        env: PrepareEffectEnv,
        environment: change,
        ...readsPath,
      }),
      MeasureEffect: ledgerFunction(this, "MeasureEffect", props, {
        description: "Compares a path before and after its change",
        ledger: ["GetItem", "Query", "UpdateItem"],
        env: MeasureEffectEnv,
        environment: ledger,
      }),
      Close: ledgerFunction(this, "Close", props, {
        description: "Notes how a change ended",
        ledger: ["DeleteItem", "GetItem", "UpdateItem"],
        env: CloseEnv,
        environment: ledger,
      }),
      NotifyOutcome: ledgerFunction(this, "NotifyOutcome", props, {
        description: "Tells how a change ended, once",
        ledger: ["DeleteItem", "GetItem", "PutItem"],
        env: NotifyOutcomeEnv,
        environment: { ...ledger, ...toDigest },
      }),
    };
    const { RequestApproval, Confirm, NotifyOutcome } = this.byState;
    approvals.grantPublish(RequestApproval.role);
    for (const { role } of [Confirm, NotifyOutcome]) digest.grantPublish(role);
  }
}
