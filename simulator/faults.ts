// What goes wrong on demand. Each fault changes answers only: the simulated account itself never notices.
import type { ServiceName } from "./wire/service.ts";

export type Fault =
  /** Refuses calls as throttled. `operation` is "sqs:GetQueueAttributes" or "sqs:*". */
  | {
      readonly kind: "throttle";
      readonly operation: string;
      /** @default every call */
      readonly times?: number;
      /** Only calls that name a resource which contains this. @default any call */
      readonly resource?: string;
    }
  /**
   * Refuses calls that name a resource which contains `resource`. Without `operation`, all calls but those
   * that AWS authorises for the whole account (metrics, the account-wide listings). With `operation` alone, every
   * such call.
   */
  | { readonly kind: "access-denied"; readonly operation?: string; readonly resource: string }
  | { readonly kind: "access-denied"; readonly operation: string; readonly resource?: never }
  /** The metrics of this queue or function come back as PartialData, with every second point lost. */
  | { readonly kind: "partial-data"; readonly resource: string }
  /** The metrics of this queue or function come back as Forbidden, with no points. */
  | { readonly kind: "metrics-forbidden"; readonly resource: string }
  | { readonly kind: "query-fails" | "query-hangs"; readonly logGroup: string }
  /** The queue is gone from the call after the first `afterOperation` (that names it, unless a listing). */
  | { readonly kind: "queue-deleted"; readonly queueName: string; readonly afterOperation: string };

/** One call as the faults see it. */
export interface ObservedCall {
  readonly service: ServiceName;
  readonly operation: string;
  /** Names, ARNs and URLs that the request mentions. */
  readonly resources: readonly string[];
}

/** Calls that AWS authorises on "*": no single resource can be denied. */
const ACCOUNT_WIDE = new Set([
  "sqs:ListQueues",
  "lambda:ListEventSourceMappings",
  "lambda:ListFunctions",
  "lambda:GetAccountSettings",
  "sts:GetCallerIdentity",
  "tag:GetResources",
]);

function fits(pattern: string, { service, operation }: ObservedCall): boolean {
  return pattern === `${service}:*` || pattern === `${service}:${operation}`;
}

function mentions(call: ObservedCall, part: string): boolean {
  return call.resources.some((resource) => resource.includes(part));
}

/** The name at the end of an ARN, a URL or a plain name. */
function lastName(resource: string): string {
  return resource.split(/[:/]/).at(-1) ?? resource;
}

/** The faults in force, which can be changed while the server runs. */
export class Faults {
  readonly #active = new Set<Fault>();
  readonly #throttledCalls = new Map<Fault, number>();
  readonly #goneQueues = new Map<Fault, string>();

  constructor(faults: readonly Fault[] = []) {
    for (const fault of faults) {
      this.add(fault);
    }
  }

  add(fault: Fault): void {
    this.#active.add(fault);
  }

  /** Ends a fault, given the same object that was added. */
  remove(fault: Fault): void {
    this.#active.delete(fault);
    this.#throttledCalls.delete(fault);
    this.#goneQueues.delete(fault);
  }

  list(): readonly Fault[] {
    return [...this.#active];
  }

  /** Whether this call is to be refused; counts it where a fault is limited in number. */
  refusal(call: ObservedCall): "throttled" | "access-denied" | undefined {
    for (const fault of this.#active) {
      if (fault.kind === "throttle" && fits(fault.operation, call)) {
        const soFar = this.#throttledCalls.get(fault) ?? 0;
        const named = fault.resource === undefined || mentions(call, fault.resource);
        if (named && soFar < (fault.times ?? Number.POSITIVE_INFINITY)) {
          this.#throttledCalls.set(fault, soFar + 1);
          return "throttled";
        }
      }
      if (
        fault.kind === "access-denied" &&
        (fault.resource === undefined || mentions(call, fault.resource))
      ) {
        const accountWide =
          call.service === "cloudwatch" || ACCOUNT_WIDE.has(`${call.service}:${call.operation}`);
        if (fault.operation === undefined ? !accountWide : fits(fault.operation, call)) {
          return "access-denied";
        }
      }
    }
    return undefined;
  }

  /** To be told of every call that was answered. */
  answered(call: ObservedCall): void {
    for (const fault of this.#active) {
      if (fault.kind === "queue-deleted" && fits(fault.afterOperation, call)) {
        const listing = ACCOUNT_WIDE.has(`${call.service}:${call.operation}`);
        if (listing || call.resources.some((resource) => lastName(resource) === fault.queueName)) {
          this.#goneQueues.set(fault, fault.queueName);
        }
      }
    }
  }

  isQueueGone(queueName: string): boolean {
    return [...this.#goneQueues.values()].includes(queueName);
  }

  /** @param dimensionValues of one metric. */
  metricFault(dimensionValues: readonly string[]): "partial-data" | "metrics-forbidden" | undefined {
    for (const fault of this.#active) {
      if (
        (fault.kind === "partial-data" || fault.kind === "metrics-forbidden") &&
        dimensionValues.includes(fault.resource)
      ) {
        return fault.kind;
      }
    }
    return undefined;
  }

  /** @param logGroups names of the groups that one query reads. */
  queryFault(logGroups: readonly string[]): "query-fails" | "query-hangs" | undefined {
    for (const fault of this.#active) {
      if (
        (fault.kind === "query-fails" || fault.kind === "query-hangs") &&
        logGroups.includes(fault.logGroup)
      ) {
        return fault.kind;
      }
    }
    return undefined;
  }
}
