import { describe, expect, test } from "@jest/globals";
import { traffic } from "../../../core/detect/suspicions.ts";
import { consumerOf, type Figures, measurementOf, pathOf } from "../../support/delivery-paths.ts";

const deadLetters = pathOf({ deadLetterQueueOf: ["arn:aws:sqs:eu-west-1:111122223333:source"] });
const bad = pathOf({ settings: { visibilityTimeoutSeconds: 10 } });
const growing = Array.from({ length: 180 }, (_, minute) => (minute * 12) / 179);

describe("suspicions", () => {
  test.each<{ name: string; path?: typeof bad; figures: Figures; found: RegExp[] }>([
    { name: "nothing on a healthy path", figures: {}, found: [] },
    {
      name: "excess deletes first",
      figures: { received: 1200, deleted: 1200 },
      found: [/200 more deletes/, /200 more receives/],
    },
    {
      name: "durations beyond the timeout",
      path: bad,
      figures: { "max-duration": 12_000 },
      found: [/ran up to 12.0 s, past the visibility timeout of 10 s/],
    },
    {
      name: "the function timeout beyond the visibility timeout, with traffic",
      path: bad,
      figures: {},
      found: [/may run 30 s, past/],
    },
    {
      name: "throttles and receives",
      figures: { received: 1300, throttles: 90 },
      found: [/300 more receives/, /90 throttles with/],
    },
    {
      name: "errors and receives",
      figures: { received: 1300, errors: 90 },
      found: [/300 more receives/, /90 function errors or timeouts with/],
    },
    {
      name: "errors alone, last",
      figures: { errors: 2, "dlq-visible": growing },
      found: [/12 more messages in the dead-letter/, /2 function errors/],
    },
    {
      name: "a redrive from the dead-letter queue",
      figures: { "dlq-visible": growing.toReversed() },
      found: [/^12 messages left the dead-letter queue$/],
    },
    {
      name: "the window is named",
      path: pathOf({
        settings: { visibilityTimeoutSeconds: 10 },
        consumers: [consumerOf({ maximumBatchingWindowSeconds: 5 })],
      }),
      figures: {},
      found: [/\(with the batching window\)/],
    },
    {
      name: "an idle queue with bad settings is none",
      path: bad,
      figures: { sent: 0, received: 0, deleted: 0, invocations: 0, "max-duration": 12_000 },
      found: [],
    },
    {
      name: "a dead-letter queue gets messages that nobody sent, and they are looked at",
      path: deadLetters,
      figures: { sent: 0, received: 1500, deleted: 1000 },
      found: [],
    },
    {
      name: "its consumer's errors",
      path: deadLetters,
      figures: { sent: 0, errors: 3 },
      found: [/3 function errors/],
    },
    {
      name: "unread numbers",
      path: bad,
      figures: { sent: "error", received: "error", deleted: "error", "max-duration": "error" },
      found: [/only the logs can tell/],
    },
  ])("$name", ({ path = pathOf(), figures, found }) => {
    expect(measurementOf(path, figures).suspicions).toEqual(found.map((one) => expect.stringMatching(one)));
  });

  test.each([
    { counters: [0, 0, 0], depth: "full", expected: "no" },
    { counters: [0, 1, null], depth: "full", expected: "yes" },
    { counters: [0, null, 0], depth: "full", expected: "unknown" },
    { counters: [0, 0, null], depth: "full", expected: "unknown" },
    { counters: [0, 0, null], depth: "screened", expected: "no" },
    { counters: [1, 0, null], depth: "screened", expected: "yes" },
  ] as const)("traffic of $counters, $depth → $expected", ({ counters, depth, expected }) => {
    const [sent, received, deleted] = counters;
    expect(traffic({ totals: { sent, received, deleted }, depth })).toBe(expected);
  });
});
