import { describe, expect, test } from "@jest/globals";
import {
  isUnhandledError,
  tellsOfError,
  UNHANDLED_ERROR_LINES,
} from "../../../core/correlate/error-lines.ts";
import { parseJsonLine } from "../../../core/correlate/json-line.ts";
import { parseJsonPlatformLine, parseTextPlatformLine } from "../../../core/correlate/platform-lines.ts";
import { requestIdOf } from "../../../core/correlate/request-id.ts";
import { iso, requestId, T0, uuid } from "../../support/log-lines.ts";

const R = requestId(1);
const DECOY = uuid(9, "d");
const platform = (type: string, record: object, time = iso(0)) => ({
  time,
  type: `platform.${type}`,
  record,
});

describe("text platform lines", () => {
  test.each([
    { line: `START RequestId: ${R} Version: $LATEST\r\n`, expected: { kind: "start", requestId: R } },
    { line: `START RequestId: ${R.toUpperCase()} Version: 7`, expected: { kind: "start", requestId: R } },
    { line: `END RequestId: ${R}\n`, expected: { kind: "end", requestId: R, outcome: null } },
    {
      line: `REPORT RequestId: ${R}\tDuration: 102.25 ms\tBilled Duration: 103 ms\tMemory Size: 128 MB`,
      expected: { kind: "report", durationMs: 102.25, outcome: null },
    },
    {
      line: `REPORT RequestId: ${R}Duration: 38.38 msBilled Duration: 500 ms`,
      expected: { kind: "report", durationMs: 38.38 },
    },
    {
      line: `REPORT RequestId: ${R}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tStatus: timeout`,
      expected: { outcome: "timeout" },
    },
    {
      line: `REPORT RequestId: ${R}\tDuration: 9.00 ms\tStatus: error\tError Type: Runtime.ExitError`,
      expected: { outcome: "error" },
    },
    {
      line: `${iso(0)} ${R} Task timed out after 3.05 seconds\n\n`,
      expected: { kind: "timeout", requestId: R, outcome: "timeout" },
    },
    { line: "INIT_START Runtime Version: nodejs:24.v1", expected: { kind: "other" } },
    {
      line: "INIT_REPORT Init Duration: 9999.81 ms\tPhase: invoke\tStatus: timeout",
      expected: { kind: "other" },
    },
    { line: `XRAY TraceId: 1-5e\tSegmentId: 4f`, expected: { kind: "other" } },
    { line: "RESTORE_REPORT Restore Duration: 474.16 ms", expected: { kind: "other" } },
  ])("$line", ({ line, expected }) => {
    expect(parseTextPlatformLine(line)).toMatchObject(expected);
  });

  test.each([
    `upstream says REPORT RequestId: ${R} Duration: 1 ms`,
    `RequestId: ${R}`,
    "the Task timed out after 3.05 seconds",
    "STARTED",
  ])("%s is the application's", (line) => {
    expect(parseTextPlatformLine(line)).toBeUndefined();
  });
});

describe("JSON platform lines", () => {
  test.each([
    { json: platform("start", { requestId: R }), expected: { kind: "start", requestId: R } },
    {
      json: platform("runtimeDone", { requestId: R, status: "failure", metrics: { durationMs: 5.5 } }),
      expected: { kind: "end", outcome: "error", durationMs: 5.5 },
    },
    {
      json: platform("report", { requestId: R, status: "success", metrics: { durationMs: 7 } }),
      expected: { kind: "report", outcome: "success", durationMs: 7 },
    },
    {
      json: platform("report", { requestId: R, status: "timeout" }),
      expected: { kind: "report", outcome: "timeout", durationMs: null },
    },
    { json: platform("report", { requestId: R }), expected: { kind: "report", outcome: "unknown" } },
    { json: platform("report", { requestId: R, status: "odd" }), expected: { outcome: "unknown" } },
    { json: platform("initReport", { phase: "init" }), expected: { kind: "other" } },
    { json: platform("extension", { requestId: R }), expected: { kind: "other" } },
    { json: platform("start", { requestId: R }, iso(-60_000)), expected: { kind: "other" } },
    {
      json: {
        timestamp: iso(0),
        level: "ERROR",
        message: `${iso(0)} ${R} Task timed out after 3.00 seconds`,
      },
      expected: { kind: "timeout", requestId: R },
    },
  ])("$json", ({ json, expected }) => {
    expect(parseJsonPlatformLine(json, T0)).toMatchObject(expected);
  });

  test("an application's own `type` and message are not the platform's", () => {
    expect(parseJsonPlatformLine({ type: "order.created", record: { requestId: R } }, T0)).toBeUndefined();
    expect(parseJsonPlatformLine({ type: "platform.start", record: "x" }, T0)).toBeUndefined();
    expect(
      parseJsonPlatformLine({ message: { text: "Task timed out after 3.00 seconds" } }, T0),
    ).toBeUndefined();
  });
});

describe("a line that is one JSON object", () => {
  test.each([
    { text: '{"a":1}\n', expected: { a: 1 } },
    { text: '{"a":1', expected: undefined },
    { text: '{"a":1}}', expected: undefined },
    { text: "[1]", expected: undefined },
    { text: "{ not json }", expected: undefined },
  ])("$text", ({ text, expected }) => {
    expect(parseJsonLine(text)).toEqual(expected);
  });
});

describe("the request an application line names", () => {
  test.each([
    { line: `${iso(0)}\t${R}\tINFO\torder ${DECOY}`, expected: { requestId: R, trusted: true } },
    { line: `[INFO]\t${iso(0)}\t${R}\tgot it`, expected: { requestId: R, trusted: true } },
    {
      line: `RequestId: ${R} Error: Runtime exited with error: exit status 1`,
      expected: { requestId: R, trusted: true },
    },
    { line: `{"function_request_id":"${R}","message":"x"}`, expected: { requestId: R, trusted: true } },
    { line: `{"awsRequestId":"${R}","requestId":"${DECOY}"}`, expected: { requestId: R, trusted: true } },
    { line: `{"requestId":"${R}"}`, expected: { requestId: R, trusted: false } },
    { line: `{"requestId":"${R}"}`, jsonFormat: true, expected: { requestId: R, trusted: true } },
    { line: `${iso(0)}\tundefined\tINFO\t${DECOY}`, expected: null },
    { line: `${iso(0)}\t\tINFO\t${DECOY}`, expected: null },
    { line: `called API, RequestID: ${DECOY}`, expected: null },
    { line: `{"message":{"requestId":"${DECOY}"}}`, jsonFormat: true, expected: null },
    { line: `{"requestId":"42"}`, jsonFormat: true, expected: null },
    { line: `order ${DECOY} shipped`, expected: null },
  ])("$line", ({ line, jsonFormat = false, expected }) => {
    expect(requestIdOf(line, parseJsonLine(line), jsonFormat)).toEqual(expected);
  });
});

describe("error lines", () => {
  const SAMPLES: Readonly<Record<string, string>> = {
    "Node.js": `${iso(0)}\t${R}\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"boom"}`,
    Python: "[ERROR] ValueError: boom\rTraceback (most recent call last):",
    Ruby: "Error raised from handler method",
    "any that died": `RequestId: ${R} Error: Runtime exited with error: signal: killed`,
    "Go, custom runtimes": '{"errorMessage":"boom","errorType":"errorString"}',
  };
  test.each(UNHANDLED_ERROR_LINES)("$runtime", ({ runtime }) => {
    expect(isUnhandledError(SAMPLES[runtime] ?? "")).toBe(true);
  });

  test.each([
    { line: `[ERROR]\t${iso(0)}\t${R}\tcould not charge`, unhandled: false, level: true },
    { line: `${iso(0)}\t${R}\tERROR\tretrying`, unhandled: false, level: true },
    { line: `${iso(0)}\t${R}\tINFO\tERROR rate low`, unhandled: false, level: false },
    { line: '{"level":"error","message":"x"}', unhandled: false, level: true },
    { line: '{"level":50,"msg":"x"}', unhandled: false, level: true },
    { line: '{"level":30,"msg":"x"}', unhandled: false, level: false },
    { line: '{"severity":"INFO"}', unhandled: false, level: false },
    { line: '{"Level":"Critical"}', unhandled: false, level: true },
    { line: '{"message":"no level"}', unhandled: false, level: false },
    { line: "2026/11/23 12:00:00 could not handle record 1", unhandled: false, level: true },
    { line: "Failed to process record 1", unhandled: false, level: true },
    { line: "handled record 1", unhandled: false, level: false },
    { line: `payload ${"x".repeat(400)} failed`, unhandled: false, level: false },
  ])("$line", ({ line, unhandled, level }) => {
    expect({ unhandled: isUnhandledError(line), level: tellsOfError(line, parseJsonLine(line)) }).toEqual({
      unhandled,
      level,
    });
  });
});
