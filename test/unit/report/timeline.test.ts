import { describe, expect, test } from "@jest/globals";
import { overlaps, renderTimeline } from "../../../report/timeline.ts";
import { finding, functionArn } from "../../support/finding-documents.ts";

type Example = ReturnType<typeof finding>["examples"][number];

function example(...deliveries: Partial<Example["deliveries"][number]>[]): Example {
  const base = {
    functionArn: functionArn("fulfil"),
    startedAt: "2026-11-23T17:00:00.000Z",
    endedAt: "2026-11-23T17:00:10.000Z",
    outcome: "success",
    receiveCount: null,
  } as const;
  return {
    messageId: "059f36b4-87a3-44ab-83d2-661975830a7d",
    deliveries: deliveries.map((delivery, index) => ({
      ...base,
      requestId: `${index}${index}${index}${index}${index}${index}${index}${index}-request`,
      ...delivery,
    })),
  };
}

describe("timeline", () => {
  test("draws what overlaps solid and what does not thin, to scale", () => {
    const lines = renderTimeline(
      example(
        { endedAt: "2026-11-23T17:00:20.000Z" },
        { startedAt: "2026-11-23T17:00:10.000Z", endedAt: "2026-11-23T17:00:40.000Z", receiveCount: 2 },
      ),
      59,
    );
    expect(lines).toEqual([
      "1  00000000  ━━━━━█████            20 s, success",
      "2  11111111       █████━━━━━━━━━━  30 s, success, receive 2",
      "             17:00:00    17:00:40",
    ]);
  });

  test("deliveries one after the other have no solid part", () => {
    const retry = example(
      { outcome: "error" },
      { startedAt: "2026-11-23T17:00:30.000Z", endedAt: "2026-11-23T17:00:40.000Z" },
    );
    expect(renderTimeline(retry, 80).join("")).not.toContain("█");
    expect(overlaps(retry)).toBe(false);
  });

  test("touching ends are no overlap", () => {
    expect(
      overlaps(example({}, { startedAt: "2026-11-23T17:00:10.000Z", endedAt: "2026-11-23T17:00:12.000Z" })),
    ).toBe(false);
  });

  test("a delivery whose start was not logged has a question mark, not a bar", () => {
    const lines = renderTimeline(example({}, { startedAt: null, endedAt: null, outcome: "unknown" }), 80);
    expect(lines[1]).toMatch(/^2 {2}11111111 {2}\? +times not logged$/);
  });

  test("a long series is cut and counted", () => {
    const lines = renderTimeline(example({}, {}, {}, {}, {}, {}, {}, {}), 80);
    expect(lines.at(-1)?.trim()).toBe("and 2 more");
  });

  test("different functions are named, different messages too", () => {
    const consumers = renderTimeline(example({}, { functionArn: functionArn("audit") }), 80);
    expect(consumers.map((line) => line.slice(0, 9))).toEqual(["1  fulfil", "2  audit ", "         "]);
    const producers = renderTimeline(example({ messageId: "aaaaaaaa-1" }, { messageId: "bbbbbbbb-2" }), 80);
    expect(producers.map((line) => line.slice(3, 11))).toEqual(["aaaaaaaa", "bbbbbbbb", "        "]);
  });

  test("without times the deliveries are listed", () => {
    expect(renderTimeline(example({ startedAt: null, endedAt: null, outcome: "unknown" }), 80)).toEqual([
      "1  00000000  times not logged",
    ]);
  });

  test("without room for bars too, cut to the width", () => {
    expect(renderTimeline(example({}, { outcome: "timeout" }), 24)).toEqual([
      "1  00000000  10 s, succ…",
      "2  11111111  10 s, time…",
    ]);
  });

  test.each([60, 80, 120])("fits into %d columns", (columns) => {
    const lines = renderTimeline(finding().examples[0] ?? example({}), columns);
    expect(lines.length).toBe(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });
});
