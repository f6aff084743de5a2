// What code writes to stdout and stderr as JSON lines, which is how a function logs and publishes metrics.
import { jest } from "@jest/globals";

// biome-ignore lint/suspicious/noExplicitAny: a log line is untyped JSON, and each test names the fields it expects
export type WrittenLine = Record<string, any>;

/** @param write makes its logger itself: tracing is off while it runs, because no daemon listens. */
export async function writtenLines(write: () => Promise<unknown>): Promise<WrittenLine[]> {
  const lines: string[] = [];
  const before = process.env["POWERTOOLS_TRACE_ENABLED"];
  process.env["POWERTOOLS_TRACE_ENABLED"] = "false";
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, "write").mockImplementation((text) => {
      lines.push(...String(text).trim().split("\n"));
      return true;
    }),
  );
  try {
    await write();
  } finally {
    for (const spy of spies) spy.mockRestore();
    if (before === undefined) delete process.env["POWERTOOLS_TRACE_ENABLED"];
    else process.env["POWERTOOLS_TRACE_ENABLED"] = before;
  }
  return lines.map((line) => JSON.parse(line));
}

/** Every name under which a log query finds a value of that line. */
export function fieldsOf(line: object, prefix = ""): string[] {
  return Object.entries(line).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? fieldsOf(value, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );
}
