import { describe, expect, test } from "@jest/globals";
import { FAIL_LEVELS, parseScanRequest, reaches } from "../../../cli/scan-request.ts";
import { METRICS_SETTLE_MINUTES, ScanSettings } from "../../../core/model/settings.ts";
import { windowOf } from "../../../core/scan/claim-scan.ts";
import { fakeIo } from "../../support/fake-io.ts";

const NOW_MS = Date.parse("2026-11-23T17:40:00Z");

describe("scan request", () => {
  test("without options it is the default settings, now, a table, failing from high on", async () => {
    expect(await parseScanRequest([], fakeIo())).toEqual({
      settings: ScanSettings.parse({}),
      scheduledTimeMs: NOW_MS,
      format: "table",
      failOn: "high",
      quiet: false,
    });
  });

  test.each([
    { args: ["--lookback", "2d"], settings: { lookbackMinutes: 2880 } },
    { args: ["--queue", "a-*", "--queue", "b"], settings: { includeQueues: ["a-*", "b"] } },
    { args: ["--exclude", "*-dlq"], settings: { excludeQueues: ["*-dlq"] } },
    { args: ["--max-log-gb", "0.5"], settings: { maxLogBytes: 5e8 } },
    { args: ["--no-logs"], settings: { readLogs: false } },
    { args: ["--no-async"], settings: { asyncSources: false } },
    { args: ["--until", "now"], settings: { settleMinutes: 0 } },
  ])("$args", async ({ args, settings }) => {
    expect((await parseScanRequest(args, fakeIo())).settings).toEqual({
      ...ScanSettings.parse({}),
      ...settings,
    });
  });

  test("correlation fields are added to those that are known anyway", async () => {
    const { settings } = await parseScanRequest(["--correlation-field", "orderId"], fakeIo());
    expect(settings.correlationFields.map(({ name }) => name)).toEqual([
      ...ScanSettings.parse({}).correlationFields.map(({ name }) => name),
      "orderId",
    ]);
  });

  test("the end of the window is taken as it is named", async () => {
    const request = await parseScanRequest(["--until", "2026-11-23T12:00:00Z"], fakeIo());
    expect(windowOf(new Date(request.scheduledTimeMs).toISOString(), request.settings).endMs).toBe(
      Date.parse("2026-11-23T12:00:00Z"),
    );
    expect(request.settings.settleMinutes).toBe(METRICS_SETTLE_MINUTES);
  });

  test.each([
    { until: "now", settleMinutes: 0 },
    { until: "2026-11-23T17:35:30Z", settleMinutes: 4 },
    { until: "2026-11-23T17:20:00Z", settleMinutes: METRICS_SETTLE_MINUTES },
  ])("metrics up to $until have had $settleMinutes minutes to arrive", async ({ until, settleMinutes }) => {
    const { settings } = await parseScanRequest(["--until", until], fakeIo());
    expect(settings.settleMinutes).toBe(settleMinutes);
  });

  test("a file gives settings, options win over it", async () => {
    const io = fakeIo({ files: { "d.json": '{"lookbackMinutes": 60, "historyHours": 48}' } });
    const { settings } = await parseScanRequest(["--config", "d.json", "--lookback", "2h"], io);
    expect(settings).toMatchObject({ lookbackMinutes: 120, historyHours: 48 });
  });

  test("connection options are passed on", async () => {
    const args = ["--region", "eu-west-1", "--profile", "prod", "--endpoint-url", "http://127.0.0.1:1"];
    expect(await parseScanRequest(args, fakeIo())).toMatchObject({
      region: "eu-west-1",
      profile: "prod",
      endpointUrl: "http://127.0.0.1:1",
    });
  });

  test.each([
    { args: ["--config", "none.json"], message: /^cannot read the configuration file none\.json: ENOENT/ },
    { args: ["--config", "bad.json"], message: /^cannot read the configuration file bad\.json: / },
    { args: ["--config", "list.json"], message: "list.json: expected a JSON object with settings, got []" },
    {
      args: ["--config", "wrong.json"],
      message:
        /^2 problems in wrong\.json and the options:\n {2}lookbackMinutes: .*"long"\n {2}lookback: expected a known name/,
    },
    {
      args: ["--lookback", "30d"],
      message: /^1 problem in the options:\n {2}lookbackMinutes: expected at most 20160, got 43200$/,
    },
    { args: ["--until", "2026-11-24T00:00:00Z"], message: /^--until: expected a time that has passed/ },
    {
      args: ["--fail-on", "sometimes"],
      message: /^--fail-on: expected one of critical, high, medium, low, never/,
    },
  ])("$args is refused", async ({ args, message }) => {
    const files = {
      "bad.json": "{",
      "list.json": "[]",
      "wrong.json": '{"lookbackMinutes":"long","lookback":3}',
    };
    await expect(parseScanRequest(args, fakeIo({ files }))).rejects.toThrow(
      expect.objectContaining({
        name: "ConfigError",
        message: typeof message === "string" ? message : expect.stringMatching(message),
      }),
    );
  });

  test("a level is reached by itself and everything worse, never by nothing", () => {
    expect(FAIL_LEVELS.filter((level) => reaches("medium", level))).toEqual(["medium", "low"]);
    expect(FAIL_LEVELS.filter((level) => reaches("critical", level))).toEqual([
      "critical",
      "high",
      "medium",
      "low",
    ]);
  });
});
