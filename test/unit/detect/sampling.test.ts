import { describe, expect, test } from "@jest/globals";
import { maySample, SAMPLE_TAG } from "../../../core/detect/sampling.ts";
import type { QueueSettings } from "../../../core/model/delivery-path.ts";
import { DLQ_ARN, settingsOf } from "../../support/delivery-paths.ts";

const tags = { [SAMPLE_TAG]: "true" };
const on = { sampling: true };

const queue = (over: Partial<QueueSettings>): QueueSettings => {
  const { redrive: _, ...settings } = settingsOf({ tags });
  return { ...settings, ...over };
};

describe("maySample (I11)", () => {
  test("allows a tagged standard queue without a redrive policy", () => {
    expect(maySample(queue({}), on)).toEqual({ allowed: true });
  });

  test.each([
    { name: "switched off", of: queue({}), settings: { sampling: false }, reason: /switched off/ },
    { name: "no tag", of: queue({ tags: {} }), settings: on, reason: /opted in/ },
    {
      name: "the tag says otherwise",
      of: queue({ tags: { [SAMPLE_TAG]: "false" } }),
      settings: on,
      reason: /opted in/,
    },
    { name: "FIFO", of: queue({ fifo: true }), settings: on, reason: /FIFO/ },
    { name: "unread settings", of: undefined, settings: on, reason: /could not be read/ },
    {
      name: "a redrive policy, however generous",
      of: queue({ redrive: { deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 1000 } }),
      settings: on,
      reason: /one of the 1000 receives/,
    },
  ])("refuses: $name", ({ of, settings, reason }) => {
    expect(maySample(of, settings)).toEqual({ allowed: false, reason: expect.stringMatching(reason) });
  });
});
