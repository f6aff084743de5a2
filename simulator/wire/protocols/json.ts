// AWS JSON 1.0 and 1.1: the operation in X-Amz-Target, parameters and result as JSON bodies.
import type { SimulatedAwsError } from "../../account.ts";
import type { ServiceName } from "../service.ts";
import { errorShape } from "./error-shapes.ts";
import { toJson, type WireResponse } from "./response.ts";

const CONTENT_TYPE = { "1.0": "application/x-amz-json-1.0", "1.1": "application/x-amz-json-1.1" };

function headersOf(service: ServiceName): Record<string, string> {
  const isNewer = service === "logs" || service === "tag";
  return { "content-type": CONTENT_TYPE[isNewer ? "1.1" : "1.0"] };
}

/** @returns undefined when the body is not a JSON object. */
export function parseJsonInput(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body === "" ? "{}" : body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export function jsonResult(service: ServiceName, result: unknown): WireResponse {
  return { status: 200, headers: headersOf(service), body: toJson(result ?? {}) };
}

/** Services that once spoke Query still tell the old error code in a header; their clients read it. */
export function jsonError(service: ServiceName, error: SimulatedAwsError): WireResponse {
  const headers = headersOf(service);
  if (service === "sqs" || service === "cloudwatch") {
    headers["x-amzn-query-error"] = `${error.code};${error.httpStatus < 500 ? "Sender" : "Receiver"}`;
  }
  const body = { __type: errorShape(service, error.code), message: error.message, ...error.details };
  return { status: error.httpStatus, headers, body: toJson(body) };
}
