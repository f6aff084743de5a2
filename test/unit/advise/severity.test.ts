import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findingId } from "../../../core/advise/finding-id.ts";
import { severityOf } from "../../../core/advise/severity.ts";
import { Cause } from "../../../core/model/delivery.ts";
import { Evidence } from "../../../core/model/finding.ts";

const order = ["low", "medium", "high", "critical"];

describe("severityOf", () => {
  test.each([
    ["visibility-expired", "proven", 5, "critical"],
    ["deleted-too-late", "proven", 1, "high"],
    ["partial-batch-replay", "proven", 0.9, "medium"],
    ["several-consumers", "proven", 80, "critical"],
    ["producer-duplicate", "proven", null, "medium"],
    ["function-timeout", "proven", 1, "high"],
    ["function-timeout", "proven", 0.5, "medium"],
    ["async-retry", "proven", 50, "medium"],
    ["function-error", "proven", 50, "medium"],
    ["throttled", "proven", 4, "low"],
    ["dlq-redrive", "proven", 50, "low"],
    ["at-least-once", "proven", 50, "low"],
    ["unknown", "proven", 50, "low"],
    ["visibility-expired", "measured", 2, "high"],
    ["unknown", "measured", 2, "medium"],
    ["throttled", "measured", 5, "medium"],
    ["function-error", "measured", 4, "low"],
    ["visibility-expired", "exposed", null, "medium"],
    ["visibility-expired", "advisory", null, "low"],
  ] as const)("%s, %s, %s %% → %s", (cause, evidence, sharePercent, severity) => {
    expect(severityOf({ cause, evidence, sharePercent, stray: false })).toBe(severity);
  });

  test("a stray is low, whatever its cause", () => {
    expect(
      severityOf({ cause: "visibility-expired", evidence: "proven", sharePercent: 9, stray: true }),
    ).toBe("low");
  });

  test("never falls when the share rises", () => {
    const share = fc.double({ min: 0, max: 300, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...Cause.options),
        fc.constantFrom(...Evidence.options),
        share,
        share,
        (cause, evidence, a, b) => {
          const rank = (sharePercent: number) =>
            order.indexOf(severityOf({ cause, evidence, sharePercent, stray: false }));
          expect(rank(Math.max(a, b))).toBeGreaterThanOrEqual(rank(Math.min(a, b)));
        },
      ),
    );
  });
});

describe("findingId", () => {
  test("is short, and another for another queue or cause", () => {
    const ids = [findingId("a", "unknown"), findingId("b", "unknown"), findingId("a", "throttled")];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}$/);
  });

  test("is stable over releases, as the ledger follows findings by it", () => {
    expect(findingId("arn:aws:sqs:eu-west-1:111122223333:orders", "visibility-expired")).toBe("72831f1ccbf8");
  });
});
