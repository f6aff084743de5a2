import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { main } from "../../../cli/main.ts";
import { fakeIo } from "../../support/fake-io.ts";
import { findingDocument } from "../../support/finding-documents.ts";

async function run(...args: string[]) {
  const io = fakeIo();
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

const COMMANDS = ["scan", "analyze", "approvals", "demo", "simulate", "schema"];

describe("main", () => {
  test("without a command the help goes to stderr, and that is a usage error", async () => {
    const { code, out, err } = await run();
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("Usage: doubletake <command> [options]");
  });

  test.each([["help"], ["--help"], ["-h"]])("%s lists every command on stdout", async (word) => {
    const { code, out } = await run(word);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} +\\w`, "m"));
  });

  test.each(
    COMMANDS.flatMap((name) => [
      [name, "--help"],
      ["help", name],
      [name, "-h"],
    ]),
  )("%s %s explains the command, in 100 columns", async (...args) => {
    const { code, out, err } = await run(...args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^doubletake \w+: .+\n\nUsage: doubletake \w+ \[options\](?: FILE…| [a-z|-]+ \[CHANGE\])?\n\nOptions:\n/,
    );
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test("the help of scan names the exit codes and every option that scan takes", async () => {
    const { out } = await run("scan", "--help");
    expect(out).toContain("3  the account could not be read");
    for (const option of [
      "region",
      "profile",
      "endpoint-url",
      "lookback",
      "queue",
      "format",
      "fail-on",
      "max-log-gb",
      "no-logs",
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}--${option}\\b`, "m"));
    }
  });

  test.each([["--version"], ["-v"]])("%s prints the version alone", async (flag) => {
    expect(await run(flag)).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: "" });
  });

  test.each([
    { args: ["scna"], err: 'doubletake: unknown command "scna"; did you mean scan?\n' },
    {
      args: ["deploy"],
      err: 'doubletake: unknown command "deploy"; the commands are scan, analyze, approvals, demo, simulate, schema, help\n',
    },
    {
      args: ["scan", "--fromat", "json"],
      err: 'doubletake: "scan" has no option --fromat; did you mean --format?\n',
    },
    {
      args: ["scan", "--format", "xml"],
      err: 'doubletake: --format: expected one of table, json, markdown, got "xml"\n',
    },
    {
      args: ["demo", "--seed", "one"],
      err: 'doubletake: --seed: expected a whole number from 0 to 2147483647, got "one"\n',
    },
    { args: ["schema", "--json"], err: 'doubletake: "schema" has no option --json\n' },
    { args: ["help", "scna"], err: 'doubletake: unknown command "scna"; did you mean scan?\n' },
  ])("$args is a usage error in one sentence", async ({ args, err }) => {
    expect(await run(...args)).toEqual({ code: 2, out: "", err });
  });

  test("schema prints a JSON Schema that takes a finding document and refuses another", async () => {
    const { code, out } = await run("schema");
    expect(code).toBe(0);
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(out));
    const document = JSON.parse(JSON.stringify(findingDocument()));
    expect(validate(document)).toBe(true);
    expect(validate({ ...document, schemaVersion: 2 })).toBe(false);
    expect(validate({ ...document, findings: [{}] })).toBe(false);
    expect(
      validate({ ...document, scan: { ...document.scan, window: { start: "today", end: "now" } } }),
    ).toBe(false);
  });
});
