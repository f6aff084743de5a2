// AWS Query: parameters as a form (`Entries.member.1.Id=a`), results and errors as XML.
import { XMLBuilder } from "fast-xml-parser";
import type { SimulatedAwsError } from "../../account.ts";
import type { ServiceName } from "../service.ts";
import type { WireResponse } from "./response.ts";
import { toSqsXml } from "./sqs-query.ts";

const NAMESPACES: Partial<Record<ServiceName, string>> = {
  sns: "http://sns.amazonaws.com/doc/2010-03-31/",
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
  sqs: "http://queue.amazonaws.com/doc/2012-11-05/",
  cloudwatch: "http://monitoring.amazonaws.com/doc/2010-08-01/",
};
const HEADERS = { "content-type": "text/xml" };
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  suppressEmptyNode: true,
});

interface Node {
  readonly children: Map<string, Node>;
  value?: string;
}

/**
 * `A.member.1.B=x` → `{ A: [{ B: "x" }] }`, `A.entry.1.key=k&A.entry.1.value=v` → `{ A: { k: "v" } }`.
 * Every leaf stays text.
 */
export function parseQueryInput(body: string): Record<string, unknown> {
  const root: Node = { children: new Map() };
  for (const [name, value] of new URLSearchParams(body)) {
    let node = root;
    for (const part of name.split(".")) {
      const child: Node = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, child);
      node = child;
    }
    node.value = value;
  }
  return Object.fromEntries([...root.children].map(([name, node]) => [name, toValue(node)]));
}

function toValue(node: Node): unknown {
  const list = node.children.get("member");
  if (list !== undefined) {
    return inOrder(list).map(toValue);
  }
  const map = node.children.get("entry");
  if (map !== undefined) {
    const pairs = inOrder(map).map((entry): [string, unknown] => {
      const key = entry.children.get("key") ?? entry.children.get("Name");
      const value = entry.children.get("value") ?? entry.children.get("Value");
      return [key?.value ?? "", value === undefined ? "" : toValue(value)];
    });
    return Object.fromEntries(pairs);
  }
  if (node.children.size === 0) {
    return node.value ?? "";
  }
  return Object.fromEntries([...node.children].map(([name, child]) => [name, toValue(child)]));
}

function inOrder(list: Node): Node[] {
  return [...list.children].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}

/** Lists become `<member>`, a Map becomes `<entry>` with key and value, times ISO 8601. */
function toXml(value: unknown): unknown {
  if (value instanceof Date) {
    return value.toISOString();
  }
  if (Array.isArray(value)) {
    return { member: value.map(toXml) };
  }
  if (value instanceof Map) {
    return { entry: [...value].map(([key, entry]) => ({ key, value: toXml(entry) })) };
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, child]) => child !== undefined)
        .map(([name, child]) => [name, toXml(child)]),
    );
  }
  return value;
}

export function queryResult(
  service: ServiceName,
  operation: string,
  result: unknown,
  requestId: string,
): WireResponse {
  const document = {
    [`${operation}Response`]: {
      "@xmlns": NAMESPACES[service] ?? "",
      [`${operation}Result`]: service === "sqs" ? toSqsXml(operation, result) : toXml(result ?? {}),
      ResponseMetadata: { RequestId: requestId },
    },
  };
  return { status: 200, headers: HEADERS, body: builder.build(document) };
}

export function queryError(service: ServiceName, error: SimulatedAwsError, requestId: string): WireResponse {
  const document = {
    ErrorResponse: {
      "@xmlns": NAMESPACES[service] ?? "",
      Error: {
        Type: error.httpStatus < 500 ? "Sender" : "Receiver",
        Code: error.code,
        Message: error.message,
      },
      RequestId: requestId,
    },
  };
  return { status: error.httpStatus, headers: HEADERS, body: builder.build(document) };
}
