// The main job, as `npm run demo` runs it.
import { stripVTControlCharacters } from "node:util";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { main } from "../../cli/main.ts";
import { startSimulatedAccount } from "../../cli/simulated-account.ts";
import type { FindingDocument } from "../../core/model/finding.ts";
import { createAccount } from "../../simulator/create-account.ts";
import { TEST_CREDENTIALS, useAwsEnvironment } from "../support/aws-environment.ts";
import { fakeIo } from "../support/fake-io.ts";

const NOW_MS = Date.parse("2026-11-23T18:00:00Z");

describe("demo", () => {
  useAwsEnvironment(TEST_CREDENTIALS);
  const json = fakeIo();
  let code = -1;
  beforeAll(async () => {
    code = await main(["demo", "--format", "json", "--yes"], json);
  }, 60_000);

  test("judges every path of its default account as the ground truth does", () => {
    const { truth } = createAccount({ seed: 1, endMs: NOW_MS, hours: 1 });
    const count = truth.paths().length + truth.asyncPaths().length;
    expect(json.err()).toContain(`Against the ground truth: ${count} of ${count} paths as expected`);
    expect(code).toBe(0);
  });

  test("with --format json stdout is the finding document, valid by the published schema, and nothing else", async () => {
    const schema = fakeIo();
    await main(["schema"], schema);
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(schema.out()));
    validate(JSON.parse(json.out()));
    expect(validate.errors).toBeNull();
  });

  test("shows each step of the workflow on stderr", () => {
    for (const state of [
      "ClaimScan",
      "Discover",
      "Measure",
      "StartQueries",
      "CollectDeliveries",
      "Diagnose",
      "Summarise",
      "Notify",
      "ProposeChanges",
    ]) {
      expect(json.err()).toMatch(new RegExp(`^ *[\\d.]+ m?s  ${state} `, "m"));
    }
  });

  test("a plan is proposed for nothing but a visibility timeout that is too short", () => {
    const { findings } = JSON.parse(json.out()) as FindingDocument;
    const planned = findings.filter(({ plan }) => plan !== undefined);
    expect(planned.length).toBeGreaterThan(0);
    expect(new Set(planned.map(({ cause }) => cause))).toEqual(
      new Set(["visibility-expired", "deleted-too-late"]),
    );
  });

  test("with --yes goes on to the approval, the change, and the end of the duplicates", async () => {
    const io = fakeIo();
    expect(await main(["demo", "--yes"], io)).toBe(0);
    const out = io.out();
    const parts = ["The request for approval", "The decision", "The mails that followed", "Before and after"];
    const places = parts.map((part) => out.indexOf(`--- ${part} ---`));
    expect(places.every((place, index) => place > (places[index - 1] ?? 0))).toBe(true);
    const [, decision = "", after = ""] =
      /--- The decision -+\n(.*?)--- .*(--- Before and after.*)/s.exec(out) ?? [];
    expect(decision).toMatch(/link scanner: +200 Raise the visibility timeout of [\w-]+\?/);
    expect(decision).toMatch(/link scanner: +400 The code is missing/);
    expect(decision).toMatch(/code from the mail: +200 Approved/);
    expect(after).toMatch(/^[\w.-]+: better, visibility timeout \d+ s -> \d+ s$/m);
    expect(after).toMatch(/^work done twice, as detected +[1-9][\d,]* +0$/m);
    expect(after).toMatch(/^messages handed out twice, really +[1-9][\d,]* +0$/m);
    for (const state of ["Revalidate", "Apply", "Confirm", "MeasureEffect", "Close", "NotifyOutcome"]) {
      expect(io.err()).toMatch(new RegExp(`^ *[\\d.]+ m?s  ${state} `, "m"));
    }
  }, 60_000);

  test("without --yes and without a terminal it ends with the findings, and says so", async () => {
    const io = fakeIo();
    expect(await main(["demo", "--format", "markdown"], io)).toBe(0);
    expect(io.out()).not.toContain("The request for approval");
    expect(io.err()).toContain("The fix is left out: add --yes");
  }, 60_000);

  test("in a terminal it waits for the person who opens the page", async () => {
    const io = fakeIo({ isTerminal: true, isErrorTerminal: true });
    const { promise: asked, resolve } = Promise.withResolvers<{ link: string; code: string }>();
    const stdout = (text: string) => {
      io.stdout(text);
      const [, link, code] = /^Open +(http\S+)\nCode +(\S+)$/m.exec(stripVTControlCharacters(text)) ?? [];
      if (link !== undefined && code !== undefined) resolve({ link, code });
    };
    const ended = main(["demo"], { ...io, stdout });
    const { link, code } = await asked;
    const body = new URLSearchParams({ verdict: "reject", code, reason: "not today", plan: "" });
    expect((await fetch(link, { method: "POST", body })).status).toBe(200);
    expect(await ended).toBe(0);
    expect(io.out()).toContain("rejected, nothing changed");
  }, 60_000);

  test("a scan over the wire of the same account finds the same", async () => {
    const account = await startSimulatedAccount({ seed: 1, endMs: NOW_MS, region: "us-east-1" });
    const io = fakeIo({ nowMs: () => NOW_MS });
    const args = ["--endpoint-url", account.url, "--region", "us-east-1", "--format", "json", "--quiet"];
    await main(["scan", ...args], io);
    await account.close();
    const scanned = JSON.parse(io.out()) as FindingDocument;
    const demonstrated = JSON.parse(json.out()) as FindingDocument;
    // The queue's URL has the server's port in it, and the plan's hash has the URL.
    const comparable = ({ findings, paths }: FindingDocument) => ({
      paths,
      findings: findings.map(({ plan, ...finding }) => ({ ...finding, to: plan?.to })),
    });
    expect(comparable(scanned)).toEqual(comparable(demonstrated));
  }, 60_000);
});
