// Which invocation an application line names itself. Never "any UUID in the line": order ids, API Gateway's
// RequestID and other services' ids look the same, and Logs Insights' @requestId falls for them.
import type { JsonObject } from "./json-line.ts";
import { UUID } from "./patterns.ts";

export interface NamedRequest {
  readonly requestId: string;
  /**
   * False when the field may just as well be the application's own: such an id counts only if the platform
   * has named it too.
   */
  readonly trusted: boolean;
}

/** `<ISO>\t<id>\t` of Node.js and .NET, `[LEVEL]\t<ISO>\t<id>\t` of Python. */
const TAB_PREFIX = new RegExp(`^(?:\\[\\w+\\]\\t)?\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\t(${UUID})\\t`);
/** How the platform reports a runtime that died. */
const RUNTIME_ERROR = new RegExp(`^RequestId: (${UUID}) Error: `);
const WHOLE_UUID = new RegExp(`^${UUID}$`);

/** Keys written by Powertools and other Lambda loggers from the invocation's context. */
const CONTEXT_KEYS = [
  "function_request_id",
  "functionRequestId",
  "FunctionRequestId",
  "awsRequestId",
  "AWSRequestId",
  "aws_request_id",
  "lambdaRequestId",
];

/**
 * The request id that an application line carries, or null.
 * @param json the line as JSON, if it is.
 * @param jsonFormat true when Lambda's JSON log format is on, where the platform itself writes `requestId`.
 */
export function requestIdOf(
  message: string,
  json: JsonObject | undefined,
  jsonFormat: boolean,
): NamedRequest | null {
  if (json) {
    for (const key of CONTEXT_KEYS) {
      const named = uuid(json[key]);
      if (named) return { requestId: named, trusted: true };
    }
    const named = uuid(json["requestId"]);
    return named ? { requestId: named, trusted: jsonFormat } : null;
  }
  const text = TAB_PREFIX.exec(message)?.[1] ?? RUNTIME_ERROR.exec(message)?.[1];
  return text ? { requestId: text.toLowerCase(), trusted: true } : null;
}

function uuid(value: unknown): string | undefined {
  return typeof value === "string" && WHOLE_UUID.test(value) ? value.toLowerCase() : undefined;
}
