import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { TransientError } from "../../../core/errors.ts";
import { powertools } from "../../../functions/shared/powertools.ts";
import { createStep } from "../../../functions/shared/step.ts";

const context = {
  functionName: "double",
  awsRequestId: "request-1",
  memoryLimitInMB: "512",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:double",
} as Context;

/** One run of a step; what it wrote, parsed. */
async function run(error?: Error) {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, "write").mockImplementation((text) => {
      lines.push(...String(text).trim().split("\n"));
      return true;
    });
  }
  const observability = powertools("Double");
  const step = createStep({
    name: "Double",
    input: z.object({ n: z.number() }),
    output: z.number(),
    run: async ({ n }) => {
      if (error !== undefined) throw error;
      observability.count("Doubled", n);
      return 2 * n;
    },
    observability,
  });
  const outcome = await step({ n: 2 }, context).catch((thrown: unknown) => thrown);
  jest.restoreAllMocks();
  return { outcome, entries: lines.map((line) => JSON.parse(line)) };
}

describe("powertools", () => {
  const before = { ...process.env };
  beforeEach(() => {
    process.env["POWERTOOLS_TRACE_ENABLED"] = "false";
  });
  afterEach(() => {
    process.env = { ...before };
  });

  test("emits a metric in the project's namespace", async () => {
    const { outcome, entries } = await run();
    expect(outcome).toBe(4);
    expect(entries).toContainEqual(
      expect.objectContaining({
        Doubled: 2,
        _aws: expect.objectContaining({
          CloudWatchMetrics: [expect.objectContaining({ Namespace: "Doubletake" })],
        }),
      }),
    );
  });

  test("writes one line an expected error, with its name and the request", async () => {
    const { outcome, entries } = await run(new TransientError("throttled"));
    expect(outcome).toBeInstanceOf(TransientError);
    expect(entries.filter((entry) => entry.level !== undefined)).toMatchObject([
      {
        level: "WARN",
        message: "throttled",
        errorName: "TransientError",
        state: "Double",
        function_request_id: "request-1",
      },
    ]);
  });

  test("writes a bug with its stack", async () => {
    const { entries } = await run(new Error("a bug"));
    expect(entries.filter((entry) => entry.level !== undefined)).toMatchObject([
      { level: "ERROR", message: "unexpected error", error: { message: "a bug", stack: expect.any(String) } },
    ]);
  });
});
