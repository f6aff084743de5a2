// The Lambda event of an SQS batch as each language prints it.
import { inspect } from "node:util";
import type { SqsRecord } from "../engine/bodies.ts";

type Records = readonly SqsRecord[];

export function asJson(records: Records): string {
  return JSON.stringify({ Records: records });
}

/** Node's own inspection, two levels deep. Lambda writes its line breaks as carriage returns in text format. */
export function asNodeInspection(records: Records): string {
  return inspect({ Records: records });
}

function pythonString(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\");
  // repr() prefers single quotes, and takes double ones when the text has only single ones.
  return escaped.includes("'") && !escaped.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** Any value as Python's repr() writes it. */
export function pythonLiteral(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  const entries = Object.entries(value as Record<string, unknown>);
  return `{${entries.map(([key, item]) => `${pythonString(key)}: ${pythonLiteral(item)}`).join(", ")}}`;
}

export function asPythonDict(records: Records): string {
  return pythonLiteral({ Records: records });
}

/**
 * Any value as Ruby's inspect writes it.
 * @param arrow "=>" up to Ruby 3.3, " => " from 3.4.
 */
export function rubyLiteral(value: unknown, arrow: string): string {
  if (value === null) return "nil";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => rubyLiteral(item, arrow)).join(", ")}]`;
  const entries = Object.entries(value as Record<string, unknown>);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}${arrow}${rubyLiteral(item, arrow)}`).join(", ")}}`;
}

/** @param arrow "=>" up to Ruby 3.3, " => " from 3.4. */
export function asRubyHash(records: Records, arrow: string): string {
  return rubyLiteral({ Records: records }, arrow);
}

function javaMap(map: Readonly<Record<string, unknown>>): string {
  return `{${Object.entries(map)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(", ")}}`;
}

/** SQSEvent.toString(): names without quotes, no space after the commas between fields. */
export function asJavaText(records: Records): string {
  const one = (record: SqsRecord): string =>
    `{messageId: ${record.messageId},receiptHandle: ${record.receiptHandle},eventSourceARN: ${record.eventSourceARN},` +
    `eventSource: ${record.eventSource},awsRegion: ${record.awsRegion},body: ${record.body},` +
    `md5OfBody: ${record.md5OfBody},attributes: ${javaMap(record.attributes)},` +
    `messageAttributes: ${javaMap(record.messageAttributes)}}`;
  return `{records: [${records.map(one).join(", ")}]}`;
}

/** Go prints maps with sorted keys. */
function goMap(map: Readonly<Record<string, string>>): string {
  const keys = Object.keys(map).sort();
  return `map[${keys.map((key) => `${key}:${map[key] ?? ""}`).join(" ")}]`;
}

/** @param keys true for %+v, false for %v. */
export function asGoStruct(records: Records, keys: boolean): string {
  const one = (record: SqsRecord): string => {
    const fields: readonly (readonly [string, string])[] = [
      ["MessageId", record.messageId],
      ["ReceiptHandle", record.receiptHandle],
      ["Body", record.body],
      ["Md5OfBody", record.md5OfBody],
      ["Md5OfMessageAttributes", ""],
      ["Attributes", goMap(record.attributes)],
      ["MessageAttributes", "map[]"],
      ["EventSourceARN", record.eventSourceARN],
      ["EventSource", record.eventSource],
      ["AWSRegion", record.awsRegion],
    ];
    return `{${fields.map(([name, value]) => (keys ? `${name}:${value}` : value)).join(" ")}}`;
  };
  const list = `[${records.map(one).join(" ")}]`;
  return keys ? `{Records:${list}}` : `{${list}}`;
}

export function asDotnetJson(records: Records): string {
  return JSON.stringify({
    Records: records.map((record) => ({
      MessageId: record.messageId,
      ReceiptHandle: record.receiptHandle,
      Body: record.body,
      Md5OfBody: record.md5OfBody,
      Md5OfMessageAttributes: null,
      EventSourceArn: record.eventSourceARN,
      EventSource: record.eventSource,
      AwsRegion: record.awsRegion,
      Attributes: record.attributes,
      MessageAttributes: {},
    })),
  });
}

export function asRustDebug(records: Records): string {
  const some = (text: string): string => `Some(${JSON.stringify(text)})`;
  const one = (record: SqsRecord): string =>
    `SqsMessage { message_id: ${some(record.messageId)}, receipt_handle: ${some(record.receiptHandle)}, ` +
    `body: ${some(record.body)}, md5_of_body: ${some(record.md5OfBody)}, md5_of_message_attributes: None, ` +
    `attributes: {${Object.entries(record.attributes)
      .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(", ")}}, message_attributes: {}, event_source_arn: ${some(record.eventSourceARN)}, ` +
    `event_source: ${some(record.eventSource)}, aws_region: ${some(record.awsRegion)} }`;
  return `SqsEvent { records: [${records.map(one).join(", ")}] }`;
}
