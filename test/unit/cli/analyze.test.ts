import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { parseAnalyzeRequest } from "../../../cli/analyze-request.ts";
import { main } from "../../../cli/main.ts";
import { ScanSettings } from "../../../core/model/settings.ts";
import { EXPORTERS } from "../../support/exported-logs.ts";
import { fakeIo } from "../../support/fake-io.ts";
import { requestId, STREAM, textInvocation } from "../../support/log-lines.ts";
import { removeTemporaryFiles, temporaryFiles } from "../../support/temporary-files.ts";

afterEach(removeTemporaryFiles);

async function run(args: readonly string[], files: Record<string, string> = {}) {
  const io = fakeIo({ files });
  const code = await main(["analyze", "--quiet", ...args], io);
  return { code, out: io.out(), err: io.err() };
}

describe("analyze request", () => {
  test("without options it is the default settings, a table, failing from high on", async () => {
    expect(await parseAnalyzeRequest(["a.log", "-"], fakeIo())).toEqual({
      names: ["a.log", "-"],
      queueConfigs: [],
      settings: ScanSettings.parse({}),
      format: "table",
      failOn: "high",
      quiet: false,
    });
  });

  test("options may stand before and after the files", async () => {
    const io = fakeIo({ files: { "q.json": "{}", "m.json": "[]", "d.json": '{"targetPolicy":"margin"}' } });
    const args = ["--queue-config", "q.json", "a.log", "--queue-config", "m.json", "--format", "json"];
    const more = [
      "--config",
      "d.json",
      "--correlation-field",
      "orderId",
      "--fail-on",
      "never",
      "b.log",
      "--quiet",
    ];
    const request = await parseAnalyzeRequest([...args, ...more], io);
    expect(request).toMatchObject({
      names: ["a.log", "b.log"],
      queueConfigs: [
        { name: "q.json", text: "{}" },
        { name: "m.json", text: "[]" },
      ],
      settings: { targetPolicy: "margin" },
      format: "json",
      failOn: "never",
      quiet: true,
    });
    expect(request.settings.correlationFields.at(-1)).toEqual({ name: "orderId" });
  });
});

describe("analyze in one sentence", () => {
  test.each<{ args: string[]; files?: Record<string, string>; err: string | RegExp }>([
    { args: [], err: '"analyze" needs at least one FILE; "-" is what is piped in' },
    { args: ["/nowhere.log"], err: "cannot read /nowhere.log: no such file or folder" },
    { args: ["a.log", "--format", "xml"], err: '--format: expected one of table, json, markdown, got "xml"' },
    { args: ["a.log", "--queue", "x"], err: /^"analyze" has no option --queue/ },
    { args: ["a.log", "--queue-config", "q.json"], err: /^cannot read --queue-config q\.json: ENOENT/ },
    {
      args: ["a.log", "--queue-config", "q.json"],
      files: { "q.json": "{" },
      err: "cannot read q.json: expected JSON, got something else",
    },
    {
      args: ["a.log", "--config", "d.json"],
      files: { "d.json": '{"lookback":1}' },
      err: /^1 problem in d\.json:/,
    },
  ])("$args is a usage error: $err", async ({ args, files, err }) => {
    const result = await run(args, files);
    expect({ code: result.code, out: result.out }).toEqual({ code: 2, out: "" });
    expect(result.err.replace(/^doubletake: /, "").trimEnd()).toEqual(
      typeof err === "string" ? err : expect.stringMatching(err),
    );
  });

  test("files without any log event end with 3, and name the formats", async () => {
    const folder = temporaryFiles({ "letter.txt": "Dear all,\nsecret 4711\n" });
    const { code, out, err } = await run([join(folder, "letter.txt")]);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toMatch(
      /^doubletake: cannot read [^\n]*letter\.txt: no log event was recognised; expected an export to S3[^\n]*\n$/,
    );
    expect(err).not.toContain("4711");
  });

  test("logs in which nothing can be judged are shown, and end with 3", async () => {
    const events = textInvocation({
      id: requestId(1),
      startMs: 0,
      durationMs: 5,
      logStream: STREAM,
      prints: ["done"],
    });
    const folder = temporaryFiles(EXPORTERS["tail (detailed)"](events));
    const { code, out, err } = await run([folder]);
    expect(code).toBe(3);
    expect(out).toContain("1 delivery path: 1 unknown");
    expect(err).toMatch(
      /^doubletake: no delivery path could be judged: [^\n]*the consumers log no message ids[^\n]*\n$/,
    );
  });
});
