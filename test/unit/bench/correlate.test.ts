import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CONSUMERS } from "../../../bench/correlate/consumers.ts";
import { type Generated, generate } from "../../../bench/correlate/generate.ts";
import { bundleContestant, jqInstalled, race } from "../../../bench/correlate/race.ts";
import { readPages } from "../../../bench/correlate/read-lines.ts";
import { roundLines, wrongAnswers } from "../../../bench/correlate/tables.ts";

const directory = mkdtempSync(join(tmpdir(), "doubletake-test-"));
const path = join(directory, "events.jsonl");
let generated: Generated;

beforeAll(async () => {
  generated = generate(path, { events: 10_000, seed: 7, chatter: 0 });
  await bundleContestant();
});
afterAll(() => rmSync(directory, { recursive: true }));

const answerOf = ({ messages, deliveries, redelivered }: Generated) => ({
  messages,
  deliveries,
  redelivered,
});

describe("the generated log events", () => {
  const lines = () => [...readPages(path)].flat().map((text) => JSON.parse(text));

  test("are as many as asked for, in order of time, of every consumer", () => {
    const events = lines();
    expect(events).toHaveLength(generated.events);
    expect(generated.events).toBeGreaterThanOrEqual(10_000);
    const times = events.map(({ timestampMs }) => timestampMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(events.map((event) => event.logGroup)).size).toBe(CONSUMERS.length);
  });

  test("hold batches of ten, some of which come again", () => {
    expect(generated.deliveries).toBe(10 * generated.invocations);
    expect(generated.redelivered).toBeGreaterThan(0);
    expect(generated.messages + generated.redelivered).toBe(generated.deliveries);
  });

  test("are the same for the same seed", () => {
    const again = join(directory, "again.jsonl");
    generate(again, { events: 1000, seed: 3, chatter: 0 });
    const first = [...readPages(again)];
    generate(again, { events: 1000, seed: 3, chatter: 0 });
    expect([...readPages(again)]).toEqual(first);
    generate(again, { events: 1000, seed: 4, chatter: 0 });
    expect([...readPages(again)]).not.toEqual(first);
  });
});

test("chatter adds lines and no messages", () => {
  const chatty = generate(join(directory, "chatty.jsonl"), { events: 20_000, seed: 7, chatter: 2 });
  // 20 lines more for each batch of ten.
  const plain = generate(join(directory, "plain.jsonl"), {
    events: 20_000 - 20 * chatty.invocations,
    seed: 7,
    chatter: 0,
  });
  expect(plain.messages).toBeGreaterThan(0.95 * chatty.messages);
  expect(plain.messages).toBeLessThan(1.05 * chatty.messages);
});

describe("the contestants", () => {
  test("doubletake finds what was written, and why", async () => {
    const result = await race("doubletake", path, generated.messages);
    const { causes = {}, ...answer } = result?.answer ?? {};
    expect(answer).toEqual(answerOf(generated));
    // Each message comes again once.
    expect(Object.values(causes).reduce((sum, n) => sum + n, 0)).toBe(generated.redelivered);
    expect(Object.keys(causes)).toContain("visibility-expired");
    expect(Object.keys(causes)).not.toContain("unknown");
    expect(result?.cost.peakBytes).toBeGreaterThan(0);
  });

  test("DuckDB agrees", async () => {
    expect((await race("duckdb", path, generated.messages))?.answer).toEqual(answerOf(generated));
  });

  const jq = jqInstalled() ? test : test.skip;
  jq("jq, sort and uniq agree (needs jq)", async () => {
    expect((await race("jq", path, generated.messages))?.answer).toEqual(answerOf(generated));
  });
});

describe("the table", () => {
  const result = {
    answer: { messages: 1, deliveries: 2, redelivered: 1 },
    cost: { wallMs: 1, cpuMs: 2, peakBytes: null },
  };
  const round = { ...{ events: 1000, bytes: 1, invocations: 1 }, messages: 1, deliveries: 2, redelivered: 1 };

  test("says what is not installed, and what the system does not tell", () => {
    const [, , own, jq] = roundLines({
      generated: round,
      results: new Map([
        ["doubletake", result],
        ["jq", null],
      ] as const),
    });
    expect(own).toMatch(/2,000 +1\.00 +– +1 +1$/);
    expect(jq).toMatch(/not installed/);
  });

  test("an answer that is not what was written is an error", () => {
    const results = new Map([["duckdb", { ...result, answer: { ...result.answer, messages: 9 } }]] as const);
    expect(wrongAnswers({ generated: round, results })).toEqual(["DuckDB: expected 1 messages, got 9"]);
  });
});
