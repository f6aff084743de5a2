import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { ApprovalsEnv } from "../functions/approvals/config.ts";
import { callbackAccess, pathAccess } from "./account-access.ts";
import type { AppFunction } from "./app-function.ts";
import { changeEnvironment, type FunctionContext, ledgerFunction } from "./ledger-function.ts";

/** Takes decisions: from the command line, which IAM lets invoke the function, and from the page behind its URL. */
export class ApprovalEndpoint extends Construct {
  readonly approvals: AppFunction;
  /** Ends in a slash; absent where only the command line decides. */
  readonly pageUrl: string | undefined;

  constructor(scope: Construct, id: string, context: FunctionContext) {
    super(scope, id);
    const { approvalPage, pageConcurrency } = context.configuration;
    this.approvals = ledgerFunction(this, "Approvals", context, {
      description: "Shows a change to whoever may approve it, and takes the decision",
      ledger: ["GetItem", "PutItem", "Query", "UpdateItem"],
      env: ApprovalsEnv,
      environment: changeEnvironment(context),
      // A function URL has no throttle of its own: this is the most that strangers can take from the account.
      ...(approvalPage && pageConcurrency > 0 && { reservedConcurrency: pageConcurrency }),
      access: [...pathAccess, ...callbackAccess],
    });
    this.pageUrl = approvalPage ? this.openToPublic() : undefined;
  }

  /**
   * Whoever is asked need not have AWS credentials: what a request has to know is the link's id and the code. CDK adds
   * both statements that a public URL needs, `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction` by URL only.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  private openToPublic(): string {
    return this.approvals.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
  }
}
