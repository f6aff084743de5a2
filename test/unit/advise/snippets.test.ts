// Code that readers paste: each snippet is parsed by its own language, and those that can run here are run.
import { spawnSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "@jest/globals";
import { transform } from "esbuild";
import { adviseCause } from "../../../core/advise/advice/advise-cause.ts";
import { targetFor } from "../../../core/advise/plan.ts";
import type { SettlingAdvice } from "../../../core/advise/settle.ts";
import { lineScanner } from "../../../core/correlate/scan-line.ts";
import { Cause } from "../../../core/model/delivery.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import { consumerOf, pathOf, QUEUE_ARN } from "../../support/delivery-paths.ts";
import { messageId, sqsEvent } from "../../support/log-lines.ts";

const SETTLING: readonly SettlingAdvice[] = [
  "log-message-id",
  "log-receive-count",
  "log-platform-lines",
  "log-info-lines",
  "log-format-json",
];
const SHORT = { visibilityTimeoutSeconds: 20 };

function snippets(path: DeliveryPath): { name: string; form: string; text: string }[] {
  const target =
    path.settings &&
    targetFor(path, path.settings, { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 });
  const context = { path, settings: path.settings, target };
  const all = Cause.options.flatMap((cause) =>
    adviseCause({ cause, context, settling: SETTLING }).flatMap(({ kind, patch = {} }) =>
      Object.entries(patch).map(([form, text]) => ({ name: `${kind}, ${form}`, form, text })),
    ),
  );
  return [...new Map(all.map((one) => [`${one.name}${one.text}`, one])).values()];
}

const ALL = [
  pathOf({ settings: SHORT, consumers: [consumerOf({}, { logFormat: "JSON", systemLogLevel: "WARN" })] }),
  pathOf({ settings: { ...SHORT, fifo: true } }),
  pathOf({ settings: null, queueName: "3d-prints.fifo", consumers: [consumerOf({}, null)] }),
].flatMap(snippets);
const inForm = (...forms: string[]) => ALL.filter(({ form }) => forms.includes(form));

const logLines = (runtime?: string): Record<string, string> => {
  const path = pathOf({ consumers: [consumerOf({}, runtime === undefined ? {} : { runtime })] });
  const advice = adviseCause({
    cause: "unknown",
    context: { path, settings: path.settings, target: undefined },
    settling: ["log-message-id"],
  });
  return advice[0]?.patch ?? {};
};

const EVENT = JSON.parse(sqsEvent({ messageId: messageId(1), receiveCount: 3 }));
const scan = lineScanner({ correlationFields: [], messageIdPatterns: [] }, QUEUE_ARN);
const RECORD = expect.objectContaining({ messageId: messageId(1), receiveCount: 3 });

const python = (code: string, input = "") => spawnSync("python3", ["-c", code], { input, encoding: "utf8" });
const withPython = python("").status === 0 ? test : test.skip;

describe("snippets", () => {
  test("no snippet has a tab or a hole in it", () => {
    expect(ALL.length).toBeGreaterThan(60);
    for (const { text } of ALL) expect(text).not.toMatch(/undefined|\[object|\t|NaN/);
  });

  test.each(inForm("typescript", "cdk"))("$name is TypeScript", async ({ text }) => {
    await expect(transform(text, { loader: "ts", format: "esm" })).resolves.toMatchObject({ warnings: [] });
  });

  withPython("every Python snippet is Python", () => {
    const texts = inForm("python").map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(8);
    const { status, stderr } = python(
      "import ast, json, sys\nfor text in json.load(sys.stdin): ast.parse(text)",
      JSON.stringify(texts),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test.each(inForm("terraform"))("$name: blocks open and close, one setting a line", ({ text }) => {
    let depth = 0;
    for (const line of text.split("\n")) {
      if (/^\s*[})]/.test(line)) depth--;
      if (line !== "") expect(line).toMatch(new RegExp(`^ {${2 * depth}}\\S`));
      expect(line).toMatch(
        /^$|^\s*(resource "\w+" "[a-z_]\w*"|\w+) (= \S.*|\{\}?)$|^\s*\w+ += \S.*$|^\s*[})]+$/,
      );
      if (/[{(]$/.test(line)) depth++;
    }
    expect(depth).toBe(0);
  });

  test.each(inForm("cloudformation", "serverless", "sam"))(
    "$name: keys and list items, indented by two",
    ({ text }) => {
      for (const line of text.split("\n")) expect(line).toMatch(/^(?: {2})*(?:- )?[\w:-]+:(?: \S.*)?$/);
    },
  );
});

describe("SQL", () => {
  test("the first delivery changes the balance, the second does not", () => {
    const [sql] = inForm("sql");
    const [create, insert, update] = [
      /CREATE TABLE .*/.exec(sql?.text ?? "")?.[0] ?? "",
      /INSERT .* RETURNING id/.exec(sql?.text ?? "")?.[0] ?? "",
      /UPDATE[^;]*/.exec(sql?.text ?? "")?.[0] ?? "",
    ];
    // SQLite takes no INSERT inside WITH: what the INSERT returned stands in a table instead.
    const db = new DatabaseSync(":memory:");
    db.exec(
      `${create}; CREATE TABLE accounts (id text, balance int); INSERT INTO accounts VALUES ('a', 100);`,
    );
    db.exec("CREATE TABLE first_time (id text)");
    const balances = [1, 2].map(() => {
      db.exec("DELETE FROM first_time");
      for (const row of db.prepare(insert.replace("$1", "?")).all("m1")) {
        db.prepare("INSERT INTO first_time VALUES (?)").run(row["id"] ?? null);
      }
      db.prepare(update.replace("$2", "?").replace("$3", "?")).run(30, "a");
      return db.prepare("SELECT balance FROM accounts").get()?.["balance"];
    });
    db.close();
    expect(balances).toEqual([70, 70]);
  });
});

describe("log lines", () => {
  test.each([
    { runtime: "nodejs24.x", languages: ["typescript"] },
    { runtime: "python3.13", languages: ["python"] },
    { runtime: "java21", languages: ["java"] },
    { runtime: "dotnet8", languages: ["csharp"] },
    { runtime: "ruby3.4", languages: ["ruby"] },
    { runtime: "provided.al2023", languages: ["go", "rust"] },
    { runtime: undefined, languages: ["typescript", "python", "java", "csharp", "ruby", "go", "rust"] },
  ])("$runtime: $languages", ({ runtime, languages }) => {
    const lines = logLines(runtime);
    expect(Object.keys(lines)).toEqual(languages);
    for (const text of Object.values(lines)) {
      expect(text.split("\n")).toHaveLength(3);
      expect(text).not.toMatch(/body/i);
    }
  });

  test("consumers of two runtimes each get theirs", () => {
    const consumers = [
      consumerOf({}, { runtime: "nodejs24.x" }),
      consumerOf({ uuid: "b" }, { arn: "b", runtime: "java21" }),
    ];
    const path = pathOf({ consumers });
    const [advice] = adviseCause({
      cause: "unknown",
      context: { path, settings: path.settings, target: undefined },
      settling: ["log-receive-count"],
    });
    expect(Object.keys(advice?.patch ?? {})).toEqual(["typescript", "java"]);
  });

  test("what the TypeScript lines print is found again, with its count", async () => {
    const { code } = await transform(logLines("nodejs24.x")["typescript"] ?? "", { loader: "ts" });
    const printed: string[] = [];
    new Function("event", "console", code)(EVENT, { log: (line: string) => printed.push(line) });
    expect(printed.flatMap((line) => scan(line).records)).toEqual([RECORD]);
  });

  withPython("what the Python lines print is found again, with its count", () => {
    const { stdout, stderr } = python(
      `import json, sys\nevent = json.load(sys.stdin)\n${logLines("python3.13")["python"]}`,
      JSON.stringify(EVENT),
    );
    expect(stderr).toBe("");
    expect(scan(stdout).records).toEqual([RECORD]);
  });

  test("what the format strings of Java and Go print is found again, with its count", () => {
    const formats = [
      /format\("(.*)\\n",/.exec(logLines("java21")["java"] ?? "")?.[1]?.replaceAll('\\"', '"'),
      /`(.*)`/.exec(logLines("provided.al2023")["go"] ?? "")?.[1]?.replaceAll("%q", '"%s"'),
    ];
    for (const format of formats) {
      const line = format?.replace("%s", messageId(1)).replace("%s", "3") ?? "";
      expect(JSON.parse(line)).toEqual({ messageId: messageId(1), ApproximateReceiveCount: "3" });
      expect(scan(line).records).toEqual([RECORD]);
    }
  });
});
