// The command line's way to the approvals function: by Invoke, so that no public endpoint is needed and IAM decides
// who may ask.
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";
import { AccountUnreadableError, type AppError, ConfigError, TransientError } from "../core/errors.ts";
import { ApprovalAnswer, type ApprovalCommand } from "../core/model/approval-commands.ts";
import type { Connection } from "./connection.ts";
import { accountError, troubleOf } from "./errors.ts";

const INVOKE = "lambda:InvokeFunction";
const IDENTITY = "sts:GetCallerIdentity";
const LONGEST_MESSAGE = 300;

export interface ApprovalsClient {
  /** @throws ConfigError, TransientError or AccountUnreadableError, each with one sentence. */
  ask(command: ApprovalCommand): Promise<ApprovalAnswer>;
  /** ARN of whoever holds the credentials. */
  principal(): Promise<string>;
}

/** @param functionName name or ARN of the approvals function. */
export function createApprovalsClient(connection: Connection, functionName: string): ApprovalsClient {
  const lambda = connection.client(LambdaClient);
  const sts = connection.client(STSClient);

  return {
    ask: async (command) => {
      const output = await lambda
        .send(
          new InvokeCommand({
            FunctionName: functionName,
            InvocationType: "RequestResponse",
            Payload: Buffer.from(JSON.stringify(command)),
          }),
        )
        .catch((error: unknown) => {
          throw invokeError(error, functionName);
        });
      const payload = parsePayload(output);
      if (output.FunctionError !== undefined) throw functionError(payload, functionName);
      const answer = ApprovalAnswer.safeParse(payload);
      if (answer.success) return answer.data;
      throw new ConfigError(
        `--function ${functionName}: expected the answer of an approvals function of this version, got another; ` +
          "check the name, and that the stack and the command line have the same version",
        { cause: answer.error },
      );
    },
    principal: async () => {
      try {
        const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
        if (Arn === undefined) throw new Error("expected an ARN in the answer, got none");
        return Arn;
      } catch (error) {
        throw accountError(error, IDENTITY);
      }
    },
  };
}

/** Undefined where it is no JSON. */
function parsePayload({ Payload }: InvokeCommandOutput): unknown {
  try {
    return JSON.parse(Payload?.transformToString() ?? "");
  } catch {
    return undefined;
  }
}

function invokeError(error: unknown, functionName: string): AppError {
  switch (troubleOf(error, INVOKE).kind) {
    case "denied":
      return new ConfigError(
        `--function ${functionName}: ${INVOKE} is not allowed on it: allow it to whoever decides, or check the name`,
        { cause: error },
      );
    case "missing":
      return new ConfigError(
        `--function ${functionName}: there is no such function in this account and Region, or ${INVOKE} may not see it`,
        { cause: error },
      );
    default:
      return accountError(error, INVOKE);
  }
}

/** As Lambda reports what a function threw; the stack beside it is for the function's own log. */
const Thrown = z.object({ errorType: z.string().default("an error"), errorMessage: z.string().default("") });

function functionError(payload: unknown, functionName: string): AppError {
  const { errorType, errorMessage } = Thrown.catch({ errorType: "an error", errorMessage: "" }).parse(
    payload,
  );
  const [first = ""] = errorMessage.trim().split("\n");
  const why = first.length <= LONGEST_MESSAGE ? first : `${first.slice(0, LONGEST_MESSAGE)} …`;
  const isPassing =
    errorType === "TransientError" || errorType === "Sandbox.Timedout" || /Task timed out/.test(first);
  const sentence = `the function ${functionName} failed with ${errorType}${why === "" ? "" : `: ${why}`}`;
  return isPassing ? new TransientError(sentence) : new AccountUnreadableError(sentence);
}
