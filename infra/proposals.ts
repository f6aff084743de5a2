import { Construct } from "constructs";
import { ProposeChangesEnv } from "../functions/propose-changes/config.ts";
import type { AppFunction } from "./app-function.ts";
import type { EmailTopic } from "./email-topic.ts";
import { changeEnvironment, type FunctionContext, ledgerFunction } from "./ledger-function.ts";
import type { RemediationWorkflow } from "./remediation-workflow.ts";

export interface ProposalsProps extends FunctionContext {
  readonly digest: EmailTopic;
  /** Absent where nothing is proposed. */
  readonly remediation: RemediationWorkflow | undefined;
}

/** The scan's last state, which starts a remediation for each plan. */
export class Proposals extends Construct {
  readonly proposeChanges: AppFunction;

  constructor(scope: Construct, id: string, props: ProposalsProps) {
    super(scope, id);
    const { digest, remediation } = props;
    this.proposeChanges = ledgerFunction(this, "ProposeChanges", props, {
      description: "Proposes the changes that the findings call for",
      // Where nothing may be changed it looks at nothing.
      ledger: remediation === undefined ? [] : ["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"],
      env: ProposeChangesEnv,
      environment: {
        ...changeEnvironment(props),
        DIGEST_TOPIC_ARN: digest.topic.topicArn,
        REMEDIATION_STATE_MACHINE_ARN: remediation?.stateMachine.stateMachineArn,
      },
    });
    if (remediation === undefined) return;
    digest.grantPublish(this.proposeChanges.role);
    remediation.grantExecutions(this.proposeChanges.role);
  }
}
