import { Construct } from "constructs";
import { ApprovalEndpoint } from "./approval-endpoint.ts";
import type { EmailTopic } from "./email-topic.ts";
import type { FunctionContext } from "./ledger-function.ts";
import { RemediationFunctions } from "./remediation-functions.ts";
import { RemediationWorkflow } from "./remediation-workflow.ts";
import type { ScanFunctions } from "./scan-functions.ts";

export interface RemediationProps extends FunctionContext {
  readonly digest: EmailTopic;
  readonly approvals: EmailTopic;
  /** Of the workflow's log group, after the prefix for vended logs. */
  readonly logName: string;
  /** The scan's, some of which measure the effect of a change too. */
  readonly scanFunctions: ScanFunctions;
}

/** Everything that may change a queue, and whoever is asked before; none of it exists in the mode `observe` (I10). */
export class Remediation extends Construct {
  readonly workflow: RemediationWorkflow;
  readonly endpoint: ApprovalEndpoint;

  constructor(scope: Construct, id: string, props: RemediationProps) {
    super(scope, id);
    this.endpoint = new ApprovalEndpoint(this, "Endpoint", props);
    const { byState } = new RemediationFunctions(this, "Functions", { ...props, endpoint: this.endpoint });
    const { Measure, StartQueries, CollectDeliveries } = props.scanFunctions.byState;
    this.workflow = new RemediationWorkflow(this, "Workflow", {
      functions: { ...byState, Measure, StartQueries, CollectDeliveries },
      logName: props.logName,
      logRetention: props.configuration.logRetentionDays,
      logKey: props.customerKey?.key,
    });
  }
}
