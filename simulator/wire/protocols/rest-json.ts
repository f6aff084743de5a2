// REST-JSON: the operation is a method and a path; parameters come from path, query string and JSON body.
import type { SimulatedAwsError } from "../../account.ts";
import type { ServiceName } from "../service.ts";
import { toJson, type WireResponse } from "./response.ts";

interface Route {
  readonly service: ServiceName;
  readonly operation: string;
  readonly method: string;
  /** `/functions/{FunctionName}`; a parameter is one URL-encoded segment. */
  readonly path: string;
}

const FUNCTIONS = "/2015-03-31/functions";
const MAPPINGS = "/2015-03-31/event-source-mappings";

const ROUTES: readonly Route[] = [
  { service: "lambda", operation: "ListEventSourceMappings", method: "GET", path: MAPPINGS },
  { service: "lambda", operation: "GetEventSourceMapping", method: "GET", path: `${MAPPINGS}/{UUID}` },
  { service: "lambda", operation: "ListFunctions", method: "GET", path: FUNCTIONS },
  { service: "lambda", operation: "GetFunction", method: "GET", path: `${FUNCTIONS}/{FunctionName}` },
  {
    service: "lambda",
    operation: "GetFunctionConfiguration",
    method: "GET",
    path: `${FUNCTIONS}/{FunctionName}/configuration`,
  },
  {
    service: "lambda",
    operation: "GetFunctionConcurrency",
    method: "GET",
    path: "/2019-09-30/functions/{FunctionName}/concurrency",
  },
  { service: "lambda", operation: "GetPolicy", method: "GET", path: `${FUNCTIONS}/{FunctionName}/policy` },
  {
    service: "lambda",
    operation: "GetFunctionEventInvokeConfig",
    method: "GET",
    path: "/2019-09-25/functions/{FunctionName}/event-invoke-config",
  },
  { service: "lambda", operation: "ListAliases", method: "GET", path: `${FUNCTIONS}/{FunctionName}/aliases` },
  {
    service: "lambda",
    operation: "GetAlias",
    method: "GET",
    path: `${FUNCTIONS}/{FunctionName}/aliases/{Name}`,
  },
  {
    service: "lambda",
    operation: "ListVersionsByFunction",
    method: "GET",
    path: `${FUNCTIONS}/{FunctionName}/versions`,
  },
  { service: "lambda", operation: "ListTags", method: "GET", path: "/2017-03-31/tags/{Resource}" },
  { service: "lambda", operation: "GetAccountSettings", method: "GET", path: "/2016-08-19/account-settings" },
  { service: "lambda", operation: "Invoke", method: "POST", path: `${FUNCTIONS}/{FunctionName}/invocations` },
  { service: "scheduler", operation: "ListSchedules", method: "GET", path: "/schedules" },
  { service: "scheduler", operation: "GetSchedule", method: "GET", path: "/schedules/{Name}" },
  { service: "scheduler", operation: "CreateSchedule", method: "POST", path: "/schedules/{Name}" },
  { service: "scheduler", operation: "UpdateSchedule", method: "PUT", path: "/schedules/{Name}" },
  { service: "scheduler", operation: "DeleteSchedule", method: "DELETE", path: "/schedules/{Name}" },
];

export interface Routed {
  readonly service: ServiceName;
  readonly operation: string;
  readonly pathInput: Record<string, string>;
}

/** @returns undefined when no operation has this method and path. */
export function route(method: string, path: string): Routed | undefined {
  const segments = path.replace(/\/$/, "").split("/");
  for (const candidate of ROUTES) {
    const names = candidate.path.split("/");
    const matches =
      candidate.method === method &&
      names.length === segments.length &&
      names.every((name, index) =>
        name.startsWith("{") ? segments[index] !== "" : name === segments[index],
      );
    if (matches) {
      const pathInput = Object.fromEntries(
        names.flatMap((name, index) =>
          name.startsWith("{") ? [[name.slice(1, -1), decodeURIComponent(segments[index] ?? "")]] : [],
        ),
      );
      return { service: candidate.service, operation: candidate.operation, pathInput };
    }
  }
  return undefined;
}

/** A result that is not plain JSON with status 200 (Invoke's payload, 204 No Content). */
export class RawResult {
  readonly response: WireResponse;
  constructor(response: WireResponse) {
    this.response = response;
  }
}

export function restResult(result: unknown): WireResponse {
  if (result instanceof RawResult) {
    return result.response;
  }
  return { status: 200, headers: { "content-type": "application/json" }, body: toJson(result ?? {}) };
}

export function restError(service: ServiceName, error: SimulatedAwsError): WireResponse {
  const headers = { "content-type": "application/json", "x-amzn-errortype": error.code };
  const body =
    service === "lambda"
      ? { Type: error.httpStatus < 500 ? "User" : "Server", Message: error.message, message: error.message }
      : { Message: error.message };
  return { status: error.httpStatus, headers, body: toJson(body) };
}
