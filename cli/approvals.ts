// Decisions without any public endpoint: whoever may invoke the approvals function may decide.

import { APPROVALS_OPERANDS, APPROVALS_OPTIONS, parseApprovalsRequest } from "./approvals-request.ts";
import type { Command } from "./command.ts";

export const approvals: Command = {
  name: "approvals",
  summary: "list, show, approve and reject proposed changes, through your AWS credentials",
  operands: APPROVALS_OPERANDS,
  options: APPROVALS_OPTIONS,
  notes: [
    [
      "CHANGE is the id of a change, or at least its first 6 characters:",
      "  list     what is open, and what was closed lately",
      "  show     one change with its proof, its price, and whether the plan still fits",
      "  approve  shows the change and asks for the name of its queue; what was not shown is not approved",
      "  reject   changes nothing, and keeps the queue from being proposed again for a while",
      "  pause    from now on nothing is proposed and nothing applied; what was applied is still watched",
      "  resume   ends a pause",
    ].join("\n"),
    [
      "Needs lambda:InvokeFunction on the approvals function and, to decide, sts:GetCallerIdentity.",
      "The function does not learn from Lambda who invokes it: it notes the ARN that this command states.",
      "Who really did is in CloudTrail, where data events of the function are logged. All who decide by",
      "command line therefore count as one approver where several have to agree.",
    ].join("\n"),
    [
      "Exit codes:",
      "  0  done, or shown",
      "  1  nothing was decided: decided before, expired, closed, or the plan no longer fits",
      "  2  wrong usage or configuration",
      "  3  the function or the account could not be reached",
    ].join("\n"),
    [
      "Examples:",
      "  export DOUBLETAKE_APPROVALS_FUNCTION=NAME",
      "  doubletake approvals list --region eu-central-1",
      "  doubletake approvals show 3f9c2b7a",
      "  doubletake approvals approve 3f9c2b7a",
      '  doubletake approvals reject 3f9c2b7a --reason "we shorten the function instead"',
    ].join("\n"),
  ],
  async run(args, io) {
    const request = parseApprovalsRequest(args, io);
    const { connect } = await import("../aws/connection.ts");
    const { createApprovalsClient } = await import("../aws/approvals-client.ts");
    const { runApprovals } = await import("./approvals-run.ts");
    const { region, profile, endpointUrl } = request;
    const connection = connect({
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(endpointUrl !== undefined && { endpointUrl }),
    });
    return runApprovals(request, createApprovalsClient(connection, request.functionName), io);
  },
};
