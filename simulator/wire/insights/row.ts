// One log event as a query sees it: the system fields, and what Logs Insights discovers in the line.
import type { LogEvent } from "../../account.ts";

const ANY_UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i;

/** Fields of Lambda's own lines. `@requestId` is any UUID-like value, as on AWS: not to be trusted. */
const DISCOVERED: Readonly<Record<string, RegExp>> = {
  "@requestId": ANY_UUID,
  "@type": /^(START|END|REPORT|INIT_START)\b/,
  "@duration": /\tDuration: ([\d.]+) ms/,
  "@billedDuration": /Billed Duration: ([\d.]+) ms/,
  "@initDuration": /Init Duration: ([\d.]+) ms/,
};

/** Times as Logs Insights writes them: UTC, no zone. */
export function formatTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
}

export class Row {
  readonly event: LogEvent;
  readonly #logGroup: string;
  readonly #accountId: string;
  #json: unknown;
  #parsed = false;

  constructor(event: LogEvent, logGroup: string, accountId: string) {
    this.event = event;
    this.#logGroup = logGroup;
    this.#accountId = accountId;
  }

  /** The value as text; undefined when the event has no such field. */
  get(field: string): string | undefined {
    switch (field) {
      case "@timestamp":
        return formatTime(this.event.timestampMs);
      case "@ingestionTime":
        return formatTime(this.event.ingestionMs);
      case "@message":
        return this.event.message;
      case "@logStream":
        return this.event.logStream;
      case "@log":
        return `${this.#accountId}:${this.#logGroup}`;
      default: {
        const pattern = DISCOVERED[field];
        const match = pattern?.exec(this.event.message);
        return pattern === undefined ? this.#discover(field) : (match?.[1] ?? match?.[0]);
      }
    }
  }

  /** A member of the line's JSON, nested ones by dots (`record.requestId`, `Records.0.messageId`). */
  #discover(field: string): string | undefined {
    if (!this.#parsed) {
      this.#parsed = true;
      const { message } = this.event;
      const start = message.indexOf("{");
      try {
        this.#json = start < 0 ? undefined : JSON.parse(message.slice(start));
      } catch {
        this.#json = undefined;
      }
    }
    let value = this.#json;
    for (const part of field.split(".")) {
      value =
        typeof value === "object" && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined;
    }
    if (value === undefined || value === null) {
      return undefined;
    }
    return typeof value === "string" ? value : JSON.stringify(value);
  }
}
