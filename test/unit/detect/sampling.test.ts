import { describe, expect, test } from "@jest/globals";
import { maySample, maySampleDeadLetterQueue, SAMPLE_TAG } from "../../../core/detect/sampling.ts";
import { DLQ_ARN, pathOf } from "../../support/delivery-paths.ts";

const tags = { [SAMPLE_TAG]: "true" };
const redrive = { deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 10 };
const on = { sampling: true };
const noRedrive = () => {
  const path = pathOf({ settings: { tags } });
  const { redrive: _, ...settings } = path.settings ?? {};
  return { ...path, settings: settings as NonNullable<typeof path.settings> };
};

describe("maySample (I11)", () => {
  test("allows a tagged standard queue with tries to spare", () => {
    expect(maySample(pathOf({ settings: { tags, redrive } }), on)).toEqual({ allowed: true });
    expect(maySample(noRedrive(), on)).toEqual({ allowed: true });
  });

  test.each([
    {
      name: "switched off",
      path: pathOf({ settings: { tags, redrive } }),
      settings: { sampling: false },
      reason: /switched off/,
    },
    { name: "no tag", path: pathOf({ settings: { redrive } }), settings: on, reason: /opted in/ },
    {
      name: "the tag says otherwise",
      path: pathOf({ settings: { redrive, tags: { [SAMPLE_TAG]: "false" } } }),
      settings: on,
      reason: /opted in/,
    },
    { name: "FIFO", path: pathOf({ settings: { tags, redrive, fifo: true } }), settings: on, reason: /FIFO/ },
    {
      name: "another account",
      path: pathOf({ foreign: true, settings: { tags, redrive } }),
      settings: on,
      reason: /another account/,
    },
    { name: "unread settings", path: pathOf({ settings: null }), settings: on, reason: /could not be read/ },
    {
      name: "too few tries",
      path: pathOf({ settings: { tags, redrive: { ...redrive, maxReceiveCount: 9 } } }),
      settings: on,
      reason: /maxReceiveCount is 9/,
    },
  ])("refuses: $name", ({ path, settings, reason }) => {
    expect(maySample(path, settings)).toEqual({ allowed: false, reason: expect.stringMatching(reason) });
  });
});

describe("maySampleDeadLetterQueue (I11)", () => {
  test("allows it whatever the tries, as nothing can be pushed further", () => {
    expect(maySampleDeadLetterQueue(pathOf({ settings: { tags } }), on)).toEqual({ allowed: true });
  });

  test.each([
    { name: "no consent", path: pathOf(), reason: /opted in/ },
    { name: "no dead-letter queue", path: noRedrive(), reason: /no dead-letter queue/ },
  ])("refuses: $name", ({ path, reason }) => {
    expect(maySampleDeadLetterQueue(path, on)).toEqual({
      allowed: false,
      reason: expect.stringMatching(reason),
    });
  });
});
