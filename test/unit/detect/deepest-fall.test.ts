// The deepest fall of a level, and when it was: what left a dead-letter queue.
import { expect, test } from "@jest/globals";
import { deepestFall } from "../../../core/detect/flow-balance.ts";

test.each<{ name: string; level: number[]; fall: ReturnType<typeof deepestFall> }>([
  { name: "no points", level: [], fall: { depth: 0, peak: 0, fromMinute: 0, toMinute: 0 } },
  { name: "only rises", level: [0, 1, 5, 5], fall: { depth: 0, peak: 0, fromMinute: 0, toMinute: 0 } },
  {
    name: "a redrive: from the last minute at the peak to the bottom",
    level: [2, 8, 8, 3, 0, 0],
    fall: { depth: 8, peak: 8, fromMinute: 2, toMinute: 4 },
  },
  {
    name: "of two the deeper one",
    level: [3, 0, 9, 4, 6],
    fall: { depth: 5, peak: 9, fromMinute: 2, toMinute: 3 },
  },
])("$name", ({ level, fall }) => {
  expect(deepestFall(level)).toEqual(fall);
});
