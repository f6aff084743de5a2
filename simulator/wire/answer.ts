// One request from identification to answer: faults first, then the operation, then the protocol's shape.
import { randomUUID } from "node:crypto";
import { SimulatedAwsError } from "../account.ts";
import type { Faults, ObservedCall } from "../faults.ts";
import { type IncomingRequest, identify, namedResources, type ServiceCall } from "./dispatch.ts";
import { jsonError, jsonResult } from "./protocols/json.ts";
import { queryError, queryResult } from "./protocols/query.ts";
import type { WireResponse } from "./protocols/response.ts";
import { restError, restResult } from "./protocols/rest-json.ts";
import type { Service, ServiceName } from "./service.ts";
import type { Services } from "./services.ts";

/** The header in which each protocol tells a request's id; clients print it with errors. */
const REQUEST_ID_HEADER = "x-amzn-requestid";

export function createAnswerer(
  services: Services,
  faults: Faults,
  onCall: (service: ServiceName, operation: string) => void,
): (request: IncomingRequest) => Promise<WireResponse> {
  return async (request) => {
    const requestId = randomUUID();
    const response = await answerCall(request, requestId);
    return { ...response, headers: { [REQUEST_ID_HEADER]: requestId, ...response.headers } };
  };

  async function answerCall(request: IncomingRequest, requestId: string): Promise<WireResponse> {
    const call = identify(request);
    if (call === undefined) {
      const message = `no service here answers ${request.method} ${request.target}`;
      return jsonError("dynamodb", new SimulatedAwsError("UnknownOperationException", message, 404));
    }
    const service = services[call.service];
    const observed: ObservedCall = {
      service: call.service,
      operation: call.operation,
      resources: namedResources(call.input ?? {}),
    };
    onCall(call.service, call.operation);
    try {
      refuseByFault(service, observed, faults);
      if (call.service === "dynamodb") {
        return await services.dynamodb.forward(request.headers, request.body);
      }
      const result = await perform(service, call);
      faults.answered(observed);
      return encodeResult(call, result, requestId);
    } catch (error) {
      if (error instanceof SimulatedAwsError) {
        return encodeError(call, error, requestId);
      }
      throw error;
    }
  }
}

function refuseByFault(service: Service, call: ObservedCall, faults: Faults): void {
  switch (faults.refusal(call)) {
    case "throttled":
      throw new SimulatedAwsError(service.throttled.code, "Rate exceeded", service.throttled.httpStatus);
    case "access-denied": {
      const action = `${call.service}:${call.operation}`;
      const message =
        `User: arn:aws:iam::000000000000:user/simulated is not authorized to perform: ${action} ` +
        `on resource: ${call.resources[0] ?? "*"} because no identity-based policy allows the ${action} action`;
      throw new SimulatedAwsError(service.accessDenied.code, message, service.accessDenied.httpStatus);
    }
    case undefined:
      return;
  }
}

async function perform(service: Service, { operation, input }: ServiceCall): Promise<unknown> {
  const run = Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
  if (run === undefined) {
    const message = `The operation ${operation} is not known to this simulated account.`;
    throw new SimulatedAwsError(service.unknownOperation.code, message, service.unknownOperation.httpStatus);
  }
  if (input === undefined) {
    throw new SimulatedAwsError(
      "SerializationException",
      "The body is not the JSON object that was expected.",
    );
  }
  return await run(input);
}

function encodeResult(
  { service, operation, protocol }: ServiceCall,
  result: unknown,
  requestId: string,
): WireResponse {
  switch (protocol) {
    case "json":
      return jsonResult(service, result);
    case "query":
      return queryResult(service, operation, result, requestId);
    case "rest-json":
      return restResult(result);
  }
}

function encodeError(
  { service, protocol }: ServiceCall,
  error: SimulatedAwsError,
  requestId: string,
): WireResponse {
  switch (protocol) {
    case "json":
      return jsonError(service, error);
    case "query":
      return queryError(service, error, requestId);
    case "rest-json":
      return restError(service, error);
  }
}
