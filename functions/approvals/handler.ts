import type { Context } from "aws-lambda";
import { ApprovalAnswer, ApprovalCommand } from "../../core/model/approval-commands.ts";
import { answerCommand } from "../../core/remediate/answer-command.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";
import { answerRequest, type PagePorts } from "./page/answer-request.ts";
import { unavailable } from "./page/messages.ts";
import { isUrlEvent, UrlRequest } from "./page/request.ts";
import { respond, UrlResponse } from "./page/response.ts";

/** Serves the approval page through the function's URL, and the command line by Invoke. */
export function createHandler(
  settings: RemediationSettings,
  ports: PagePorts,
  observability: Observability = UNOBSERVED,
) {
  const command = createStep({
    name: "Approvals",
    input: ApprovalCommand,
    output: ApprovalAnswer,
    run: (input) => answerCommand(ports, settings, input),
    observability,
  });
  const page = createStep({
    name: "ApprovalPage",
    input: UrlRequest,
    output: UrlResponse,
    run: async (request) => respond(await answerRequest(ports, settings, request), request),
    observability,
  });
  // What went wrong is in the log by then, and nothing of it is for a browser.
  return (event: unknown, context: Context): Promise<ApprovalAnswer | UrlResponse> =>
    isUrlEvent(event)
      ? page(event, context).catch(() => respond(unavailable(), UrlRequest.parse(event)))
      : command(event, context);
}
