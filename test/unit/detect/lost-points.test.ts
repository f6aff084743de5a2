// Points that were lost beside points that came are mended; minutes without any point were inactive.
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { mendPoints } from "../../../core/detect/lost-points.ts";

const LEVELS: ReadonlySet<"sent" | "visible"> = new Set(["visible"]);
type Values = (number | null)[];
const mend = (sent: Values, visible: Values) => mendPoints({ sent, visible }, LEVELS);

describe("lost points", () => {
  test.each<{ name: string; sent: Values; visible: Values; points: number[]; variance: number }>([
    { name: "nothing lost", sent: [1, 2], visible: [0, 0], points: [1, 2], variance: 0 },
    { name: "inactive minutes", sent: [1, null], visible: [0, null], points: [1, 0], variance: 0 },
    { name: "between two", sent: [4, null, 8], visible: [0, 0, 0], points: [4, 6, 8], variance: 36 },
    { name: "at the begin", sent: [null, 3, 5], visible: [0, 0, 0], points: [3, 3, 5], variance: 9 },
    {
      name: "two in a row",
      sent: [2, null, null, 6],
      visible: [0, 0, 0, 0],
      points: [2, 4, 4, 6],
      variance: 32,
    },
    { name: "all of them", sent: [null, null], visible: [1, 1], points: [0, 0], variance: 0 },
  ])("$name", ({ sent, visible, points, variance }) => {
    expect(mend(sent, visible).sent).toEqual({ points, variance });
  });

  test.each<{ name: string; visible: Values; points: number[] }>([
    { name: "a level stays what it was", visible: [7, null, 9], points: [7, 7, 9] },
    { name: "at the begin it is what it becomes", visible: [null, 9, 9], points: [9, 9, 9] },
    { name: "never told, it is none", visible: [null, null, null], points: [0, 0, 0] },
  ])("$name", ({ visible, points }) => {
    expect(mend([1, 1, 1], visible).visible).toEqual({ points, variance: 0 });
  });

  test("no point becomes negative or larger than the largest that is known", () => {
    const values = fc.array(fc.option(fc.nat(1000)), { minLength: 1, maxLength: 30 });
    void fc.assert(
      fc.property(values, values, (one, two) => {
        const length = Math.min(one.length, two.length);
        const { sent } = mend(one.slice(0, length), two.slice(0, length));
        expect(sent.points).toHaveLength(length);
        for (const point of sent.points) {
          expect(point).toBeGreaterThanOrEqual(0);
          expect(point).toBeLessThanOrEqual(Math.max(0, ...one.map((value) => value ?? 0)));
        }
      }),
    );
  });
});
