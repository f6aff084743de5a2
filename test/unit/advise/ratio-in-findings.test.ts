// Where the reader meets the ratio: in findings that rest on numbers, and in the note of a path with nothing else.
import { describe, expect, test } from "@jest/globals";
import { diagnosePath } from "../../../core/advise/diagnose-path.ts";
import { measurePath } from "../../../core/detect/measure-path.ts";
import type { PathDeliveries } from "../../../core/model/delivery.ts";
import {
  deliveriesOf,
  type Figures,
  HEALTHY,
  pathOf,
  seriesOf,
  WINDOW,
} from "../../support/delivery-paths.ts";
import { hoursBefore } from "../../support/ratio-history.ts";

/** Batches, so that invocations are not held against receives. */
const path = pathOf();

/** The path in a window with the figures, after so many hours at one invocation a message. */
const diagnose = (figures: Figures, historyHours: number, deliveries?: PathDeliveries) =>
  diagnosePath({
    path,
    measurement: measurePath({
      path,
      window: WINDOW,
      series: seriesOf(path, { ...HEALTHY, ...figures }),
      history: { hours: hoursBefore(WINDOW.startMs, historyHours / 24, { ratioAt: () => 1 }) },
    }),
    deliveries,
    settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 },
  });

const doubled: Figures = { received: 1200, deleted: 1200, invocations: 1200 };

describe("a finding that rests on numbers", () => {
  test.each([
    {
      hours: 24 * 35,
      fact: "There were 1.20 invocations a message, where 1.00 is usual (median of 15: the same hours of the same weekday).",
    },
    {
      hours: 3,
      fact: "There were 1.20 invocations a message, and what is usual is not known yet: only 3 hours of history with enough messages so far.",
    },
  ])("says what the ratio says after $hours hours", ({ hours, fact }) => {
    const { findings } = diagnose(doubled, hours);
    expect(findings.find(({ evidence }) => evidence === "measured")?.facts).toContain(fact);
  });

  test("one that was proven needs no ratio", () => {
    const proven = deliveriesOf(
      {},
      { causes: [{ cause: "visibility-expired", messages: 200, redeliveries: 200, duplicates: 200 }] },
    );
    const [finding] = diagnose(doubled, 3, proven).findings;
    expect(finding?.evidence).toBe("proven");
    expect(finding?.explanation).not.toContain("invocations a message");
  });
});

describe("a path with nothing else to say", () => {
  test("is noted with its unusual ratio", () => {
    expect(diagnose({ invocations: 1300 }, 24 * 35, deliveriesOf()).verdict).toMatchObject({
      verdict: "healthy",
      note: "1.30 invocations a message, where 1.00 is usual (median of 15: the same hours of the same weekday)",
    });
  });

  test.each([0, 3, 24 * 35])("is not noted with a usual ratio, or with no baseline (%d hours)", (hours) => {
    expect(diagnose({}, hours, deliveriesOf()).verdict).not.toHaveProperty("note");
  });
});
