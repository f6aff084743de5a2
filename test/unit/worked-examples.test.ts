// The examples of docs/how-it-decides.md, calculated by the code: a number on the page that the code no longer gives
// fails here. The example of the ratio has a test beside its own code.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { duplicatesPercent, predictedSharePercent } from "../../core/advise/predict.ts";
import { targetTimeout } from "../../core/advise/target-timeout.ts";
import { createLogReader } from "../../core/correlate/log-reader.ts";
import { correlatePath } from "../../core/correlate/path-deliveries.ts";
import { balanceFlow, messagesHandled } from "../../core/detect/flow-balance.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import {
  consumerOf,
  FUNCTION_ARN,
  measurementOf,
  pathOf,
  QUEUE_ARN,
  WINDOW,
} from "../support/delivery-paths.ts";

const page = readFileSync(new URL("../../docs/how-it-decides.md", import.meta.url), "utf8");
const section = (heading: string, end: string) => {
  const start = page.indexOf(heading);
  return page.slice(start, page.indexOf(end, start));
};

describe("flow balance", () => {
  const text = section("## Flow balance", "## Ratio anomaly");
  const row = (name: string) =>
    (new RegExp(`\\| ${name} \\| (.*) \\|`).exec(text)?.[1] ?? "").split(" → ").map(Number);
  const MINUTES = 60;
  const even = (name: string) => new Array<number>(MINUTES).fill((row(name)[0] ?? Number.NaN) / MINUTES);
  const level = (name: string) => {
    const [from = Number.NaN, to = Number.NaN] = row(name);
    return Array.from({ length: MINUTES }, (_, minute) => from + ((to - from) * minute) / (MINUTES - 1));
  };
  const balance = balanceFlow({
    sent: even("S, sent"),
    received: even("R, received"),
    deleted: even("D, deleted"),
    visible: level("visible"),
    inFlight: level("in flight"),
    delayed: new Array<number>(MINUTES).fill(0),
    deadLetterBacklog: level("dead-letter queue"),
  });

  test("the excess, its interval and its share are those of the page", () => {
    const { excessDeletes, excessReceives, deletesSignificant, sent, backlogChange, deadLettered } = balance;
    const whole = (value: number) => value.toFixed(0);
    expect(deletesSignificant).toBe(true);
    expect(text).toContain(`so U = 600 + 30 − 5 = ${whole(sent - backlogChange - deadLettered)}.`);
    expect(text).toContain(
      `700 − 625 = ${whole(excessDeletes.value)}. Excess receives: 730 − 625 − 0 = ${whole(excessReceives.value)}.`,
    );
    expect(text).toContain(
      `About ${whole(excessDeletes.value)} messages were completed twice, 95 % interval ${whole(excessDeletes.low)} to ${whole(excessDeletes.high)}.`,
    );
    const handled = messagesHandled(balance);
    expect(text).toContain(
      `${whole(excessDeletes.value)} of ${whole(handled)} handled messages (S − ΔB), ${((100 * excessDeletes.value) / handled).toFixed(1)} %`,
    );
    expect(text).toContain(`= ${(excessDeletes.high - excessDeletes.value).toFixed(1)}. The lower end`);
  });
});

describe("two invocations, one message", () => {
  const text = section("### Example: two invocations", "### Dead-letter queues");
  const lines = (/```text\n([\s\S]*?)```/.exec(text)?.[1] ?? "").trim().split("\n");
  const variants = [
    ...text.matchAll(/^\| (\d\d:\S+), (\d+) ms(, Status: error|) \| .* \| `(\S+)` \| (yes|no) \|$/gm),
  ];
  const path = pathOf({
    settings: { visibilityTimeoutSeconds: 30 },
    consumers: [consumerOf({}, { timeoutSeconds: 60 })],
  });

  function read(all: readonly string[]) {
    const reader = createLogReader({
      functionArn: FUNCTION_ARN,
      logFormat: "Text",
      settings: ScanSettings.parse({}),
      queueArn: QUEUE_ARN,
    });
    const logged = all.map((line) => {
      const [logStream = "", time, ...message] = line.split("  ");
      const timestampMs = Date.parse(`${new Date(WINDOW.startMs).toISOString().slice(0, 10)}T${time}Z`);
      return { logStream, timestampMs, message: message.join("\t") };
    });
    reader.read(logged.toSorted((a, b) => a.timestampMs - b.timestampMs));
    const measurement = measurementOf(path);
    return correlatePath({
      path,
      measurement: { ...measurement, window: { startMs: WINDOW.startMs - 3_600_000, endMs: WINDOW.endMs } },
      observations: [reader.finish()],
      bytesScanned: 0,
      truncated: false,
      unreadable: [],
    });
  }

  test("the first variant is the log as shown, and its overlap is 13.8 s", () => {
    expect(variants).toHaveLength(4);
    expect(lines.at(-1)).toContain(`A  ${variants[0]?.[1]}  REPORT`);
    const [example] = read(lines).examples;
    const [a, b] = example?.deliveries ?? [];
    const togetherMs = (a?.invocation.endedAtMs ?? 0) - (b?.invocation.startedAtMs ?? 0);
    expect(text).toContain(`45.0 − 31.2 = ${(togetherMs / 1000).toFixed(1)} s`);
  });

  test.each(variants.map(([, time, ms, status, cause, twice]) => ({ time, ms, status, cause, twice })))(
    "A's REPORT at $time$status → $cause",
    ({ time, ms, status, cause, twice }) => {
      const last = (lines.at(-1) ?? "")
        .replace(/^A {2}\S+/, `A  ${time}`)
        .replaceAll("45000", ms ?? "")
        .concat(status === "" ? "" : "  Status: error");
      expect(read([...lines.slice(0, -1), last]).causes).toEqual([
        { cause, messages: 1, redeliveries: 1, duplicates: twice === "yes" ? 1 : 0 },
      ]);
    },
  );
});

describe("the plan", () => {
  const text = section("## The plan", "## Severity");

  test.each([
    { policy: "aws", sentence: "6 × 60 + 20" },
    { policy: "margin", sentence: "⌈1.3 × 60⌉ + 20" },
  ] as const)("target: $policy", ({ policy, sentence }) => {
    const timings = [{ functionArn: FUNCTION_ARN, functionTimeoutSeconds: 60, batchingWindowSeconds: 20 }];
    const target = targetTimeout({ currentSeconds: 30, fifo: false, timings, policy, capSeconds: 43_200 });
    expect(text).toContain(`${sentence} = ${target?.seconds} s`);
  });

  const bySeconds = [...text.matchAll(/^\| (\d+) s \| (\d+) \|$/gm)].map(
    ([, seconds, runs]): [number, number] => [Number(seconds), Number(runs)],
  );
  const facts = {
    functionTimeoutSeconds: 60,
    batchingWindowSeconds: 0,
    maxDurationMs: 50_000,
    p99DurationMs: 40_000,
  };
  const deliveries = bySeconds.reduce((sum, [, runs]) => sum + runs, 0);
  const fromRuns = (timeout: number) =>
    predictedSharePercent(timeout, { ...facts, runTimes: { deliveries, untimed: 0, bySeconds } });

  test("predicted effect: from the runs, and from Duration alone", () => {
    expect(bySeconds).toHaveLength(4);
    expect(text).toContain(`and ${deliveries} deliveries in the logs`);
    expect(text).toContain(`At 30 s, (6 + 4) ÷ 200 = ${fromRuns(30)} % outlast`);
    expect(text).toContain(`at 45 s, 4 ÷ 200 = ${fromRuns(45)} %; from 50 s on, none`);
    expect(fromRuns(50)).toBe(0);
    const duplicates = [30, 45].map((timeout) =>
      duplicatesPercent(fromRuns(timeout) ?? Number.NaN, 3).toFixed(2),
    );
    expect(text).toContain(`5 + 0.25 = ${duplicates[0]} duplicates`);
    expect(text).toContain(`2 + 0.04 = ${duplicates[1]} at 45 s`);
    expect(text).toContain(`(50 − 40) = ${predictedSharePercent(45, facts)} %`);
  });
});
