import https from "node:https";
import { describe, expect, test } from "@jest/globals";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { TransientError } from "../../../core/errors.ts";
import { powertools } from "../../../functions/shared/powertools.ts";
import { createStep } from "../../../functions/shared/step.ts";
import { writtenLines } from "../../support/written-lines.ts";

const context = {
  functionName: "double",
  awsRequestId: "request-1",
  memoryLimitInMB: "512",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:double",
} as Context;

/** One run of a step; what it wrote, parsed. */
async function run(error?: Error) {
  let outcome: unknown;
  const entries = await writtenLines(async () => {
    const observability = powertools("Double");
    const step = createStep({
      name: "Double",
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: async ({ n }) => {
        if (error !== undefined) throw error;
        observability.count("OpenFindings", n);
        observability.note("doubled", { result: { from: n, to: 2 * n } });
        return 2 * n;
      },
      observability,
    });
    outcome = await step({ n: 2 }, context).catch((thrown: unknown) => thrown);
  });
  return { outcome, entries };
}

describe("powertools", () => {
  test("on Lambda, too, leaves single requests out of the trace", () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      POWERTOOLS_TRACE_ENABLED: "true",
    });
    const { request } = https;
    try {
      powertools("Double");
      expect(https.request).toBe(request);
    } finally {
      process.env = before;
      https.request = request;
    }
  });

  test("emits a metric in the project's namespace, with the service as its one dimension", async () => {
    const { outcome, entries } = await run();
    expect(outcome).toBe(4);
    expect(entries).toContainEqual(
      expect.objectContaining({
        OpenFindings: 2,
        service: "doubletake",
        _aws: expect.objectContaining({
          CloudWatchMetrics: [
            expect.objectContaining({ Namespace: "Doubletake", Dimensions: [["service"]] }),
          ],
        }),
      }),
    );
  });

  test("writes a note as one line with its fields, the step and the request", async () => {
    const { entries } = await run();
    expect(entries.filter((entry) => entry["level"] !== undefined)).toMatchObject([
      {
        level: "INFO",
        message: "doubled",
        result: { from: 2, to: 4 },
        state: "Double",
        function_request_id: "request-1",
      },
    ]);
  });

  test("writes one line an expected error, with its name and the request", async () => {
    const { outcome, entries } = await run(new TransientError("throttled"));
    expect(outcome).toBeInstanceOf(TransientError);
    expect(entries.filter((entry) => entry["level"] !== undefined)).toMatchObject([
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
    expect(entries.filter((entry) => entry["level"] !== undefined)).toMatchObject([
      { level: "ERROR", message: "unexpected error", error: { message: "a bug", stack: expect.any(String) } },
    ]);
  });
});
