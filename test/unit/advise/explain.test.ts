import { describe, expect, test } from "@jest/globals";
import { causeWords } from "../../../core/advise/cause-words.ts";
import { diagnosePath } from "../../../core/advise/diagnose-path.ts";
import { explain } from "../../../core/advise/explain.ts";
import { Cause, type PathDeliveries } from "../../../core/model/delivery.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import {
  consumerOf,
  deliveriesOf,
  type Figures,
  measurementOf,
  pathOf,
} from "../../support/delivery-paths.ts";

const short = pathOf({ settings: { visibilityTimeoutSeconds: 20 } });
const slow: Figures = { "max-duration": 25_000, "p99-duration": 24_000 };
const doubled: Figures = { received: 1200, deleted: 1200 };
const silent = deliveriesOf({ logged: "nothing", messages: 0 });

const explained = (path: DeliveryPath, figures: Figures, deliveries?: PathDeliveries) =>
  diagnosePath({
    path,
    measurement: measurementOf(path, figures),
    deliveries,
    settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 },
  }).findings.map(({ facts }) => facts.join(" "));

const redelivered = (cause: Cause, redeliveries: number, truncated = false) =>
  deliveriesOf({ truncated }, { causes: [{ cause, messages: redeliveries, redeliveries, duplicates: 0 }] });

describe("explain", () => {
  test("proven: what happened, how often, the timeouts, the durations, the doubts", () => {
    expect(explained(short, slow, redelivered("visibility-expired", 12, true))).toEqual([
      "12 messages (1.2 % of the 1,000 in the logs) came 24 times in all. Invocations ran up to 25.0 s (99 % of them up to 24.0 s); the visibility timeout is 20 s, the function timeout 30 s. Proof in the logs: the same message id in two invocations at work at the same time. What speaks against it: the logs were cut off, so the counts are lower bounds; the queue's counters alone would not show it. What would settle it: read every log line (a higher maxLogRows, or a shorter window): some were cut off.",
    ]);
  });

  test("measured: the balance with its interval, and that nothing proves it", () => {
    const [text] = explained(short, { ...slow, ...doubled }, silent);
    expect(text).toMatch(
      /^The queue counted 1,200 messages deleted, about 200 more than there were messages to complete \(95 % interval \d+ to \d+\): messages were worked on more than once, and runs that outlast the visibility timeout are the likely cause\. Invocations ran up to 25\.0 s/,
    );
    expect(text).toMatch(
      /counters are approximate, and the consumers log no message ids that could prove it; durations are of all triggers/,
    );
  });

  test.each<{
    name: string;
    path?: DeliveryPath;
    figures: Figures;
    deliveries?: PathDeliveries;
    text: RegExp;
  }>([
    {
      name: "excess receives alone",
      figures: { received: 1300 },
      deliveries: silent,
      text: /1,300 messages received, about 300 more than there were messages to receive .* came back without being deleted twice, and the numbers do not tell why/,
    },
    {
      name: "excess deletes without a cause",
      figures: doubled,
      deliveries: silent,
      text: /completed more than once, and the numbers do not tell why/,
    },
    {
      name: "throttles",
      figures: { received: 1300, throttles: 9 },
      deliveries: silent,
      text: /thrown back because the function was throttled; none was deleted twice/,
    },
    {
      name: "errors, with batches that come back whole",
      figures: { received: 1300, errors: 9 },
      deliveries: silent,
      text: /after function errors; none was deleted twice.*a batch that failed came back whole/,
    },
    {
      name: "errors, one message a batch",
      path: pathOf({ consumers: [consumerOf({ batchSize: 1 })] }),
      figures: { received: 1300, errors: 9 },
      deliveries: silent,
      text: /after function errors; none was deleted twice\. What speaks against it: SQS's counters are approximate, and [^;]+\. What would settle it/,
    },
    { name: "logs not read", figures: doubled, text: /the logs were not read\. What would settle it/ },
    {
      name: "logs not readable",
      figures: doubled,
      deliveries: deliveriesOf({}, { unreadable: [{ resource: "g", reason: "denied" }] }),
      text: /the logs could not be read \(denied\)/,
    },
    {
      name: "logs of a part",
      figures: doubled,
      deliveries: deliveriesOf({ messages: 100 }),
      text: /the logs hold only part of the messages/,
    },
    {
      name: "redelivered, no reason known",
      figures: {},
      deliveries: redelivered("unknown", 50),
      text: /^50 messages \(5 % of .*\) came 100 times in all\. What speaks against it: whether the work was done twice cannot be told/,
    },
    {
      name: "exceeded",
      path: short,
      figures: slow,
      text: /^Invocations ran up to 25.0 s, but the visibility timeout is 20 s\. There is traffic.*no duplicate was seen/,
    },
    {
      name: "exposed, though complete logs are clean",
      path: short,
      figures: {},
      deliveries: deliveriesOf(),
      text: /^The function may run for 30 s, but the visibility timeout is 20 s\..*the logs show 1,000 messages, each delivered once\. What would settle it: nothing but time/,
    },
    {
      name: "a batching window",
      path: pathOf({
        settings: { visibilityTimeoutSeconds: 20 },
        consumers: [consumerOf({ maximumBatchingWindowSeconds: 5 })],
      }),
      figures: {},
      text: /after a batching window of up to 5 s.*Lambda may keep messages hidden for longer/,
    },
    {
      name: "advisory",
      path: pathOf({ settings: { visibilityTimeoutSeconds: 60 } }),
      figures: {},
      text: /^No run can outlast it, but .* 60 s, where AWS advises 180 s/,
    },
    {
      name: "unread traffic",
      path: short,
      figures: { sent: "error", received: "error", deleted: "error" },
      text: /^The function may run for 30 s, but the visibility timeout is 20 s\. What speaks/,
    },
    {
      name: "FIFO",
      path: pathOf({ settings: { visibilityTimeoutSeconds: 20, fifo: true } }),
      figures: slow,
      deliveries: redelivered("visibility-expired", 12),
      text: /a late delete fails on a FIFO queue/,
    },
    {
      name: "no p99, a function timeout",
      figures: { "p99-duration": "error" },
      deliveries: redelivered("function-timeout", 1),
      text: /^1 message \(0.1 % of the 1,000 .*\) came 2 times in all\. The function timeout is 30 s\. Proof in the logs: an invocation that timed out, .*id\.$/,
    },
    {
      name: "durations without p99",
      path: short,
      figures: { ...slow, "p99-duration": "error" },
      deliveries: redelivered("deleted-too-late", 500),
      text: /\(50 % of .*Invocations ran up to 25\.0 s; the visibility/,
    },
    {
      name: "pieces of work",
      figures: {},
      deliveries: redelivered("producer-duplicate", 30),
      text: /^30 pieces of work came 60 times in all\. Proof in the logs: the same id of the work/,
    },
  ])("$name", ({ path = pathOf(), figures, deliveries, text }) => {
    expect(explained(path, figures, deliveries)[0]).toMatch(text);
  });

  test("too late together with the batching window: both parts and their sum", () => {
    const path = pathOf({
      settings: { visibilityTimeoutSeconds: 30 },
      consumers: [consumerOf({ maximumBatchingWindowSeconds: 20 })],
    });
    expect(explained(path, slow, redelivered("deleted-too-late", 50))[0]).toContain(
      "A message may have waited up to 20 s for its batch, and invocations ran up to 25.0 s (99 % of them up to 24.0 s), together up to 45.0 s; the visibility timeout is 30 s, the function timeout 30 s.",
    );
  });

  test.each([
    {
      name: "both at work",
      startedAtMs: [0, 20_000],
      endedAtMs: [25_000, 40_000],
      says: "(for 5.0 s in the clearest",
    },
    {
      name: "an end that is unknown",
      startedAtMs: [0, 20_000],
      endedAtMs: [null, 40_000],
      says: "same time.",
    },
    {
      name: "a start that is unknown",
      startedAtMs: [0, null],
      endedAtMs: [25_000, 40_000],
      says: "same time.",
    },
  ])("proof: $name", ({ startedAtMs, endedAtMs, says }) => {
    const deliveries = startedAtMs.map((start, index) => ({
      messageId: "m",
      receiveCount: null,
      invocation: {
        requestId: `r${index}`,
        functionArn: "f",
        startedAtMs: start,
        endedAtMs: endedAtMs[index] ?? null,
        outcome: "success" as const,
      },
    }));
    const cause = "visibility-expired" as const;
    const seen = { ...redelivered(cause, 12), examples: [{ key: "m", cause, deliveries }] };
    expect(explained(short, slow, seen)[0]).toContain(says);
  });

  test("without known durations the timeouts are said", () => {
    const figures: Figures = { "max-duration": "error", "p99-duration": "error" };
    expect(explained(short, figures, redelivered("visibility-expired", 12))[0]).toContain(
      "in all. The visibility timeout is 20 s, the function timeout 30 s.",
    );
  });

  test("measured: the interval holds the estimate, and the doubts and next steps are listed for machines too", () => {
    const [finding] = diagnosePath({
      path: short,
      measurement: measurementOf(short, { ...slow, ...doubled }),
      deliveries: silent,
      settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 },
    }).findings;
    const { messagesInterval, against, settledBy } = finding?.confidence ?? {};
    expect(messagesInterval?.low).toBeGreaterThan(150);
    expect(messagesInterval?.low).toBeLessThan(finding?.counts.messages ?? 0);
    expect(messagesInterval?.high).toBeGreaterThan(finding?.counts.messages ?? Number.POSITIVE_INFINITY);
    expect(messagesInterval?.high).toBeLessThan(250);
    for (const clause of [...(against ?? []), ...(settledBy ?? [])]) {
      expect(finding?.explanation).toContain(clause);
    }
    expect(against).toHaveLength(2);
    expect(settledBy).toEqual([expect.stringMatching(/^log the message id and receive count/)]);
    const proven = diagnosePath({
      path: short,
      measurement: measurementOf(short, slow),
      deliveries: redelivered("visibility-expired", 12),
      settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 },
    }).findings[0];
    expect(proven?.confidence).toEqual({ against: [expect.stringMatching(/counters alone/)], settledBy: [] });
  });

  test("the explanation is what the cause means, and then the facts", () => {
    const [finding] = diagnosePath({
      path: short,
      measurement: measurementOf(short, slow),
      deliveries: redelivered("visibility-expired", 12),
      settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 },
    }).findings;
    expect(finding?.explanation).toBe(
      [
        causeWords({ cause: "visibility-expired", evidence: "proven" }).meaning,
        ...(finding?.facts ?? []),
      ].join(" "),
    );
  });

  test("a stray says that it may be a side effect", () => {
    const counts = deliveriesOf(
      {},
      {
        causes: [
          { cause: "function-error", messages: 300, redeliveries: 300, duplicates: 0 },
          { cause: "at-least-once", messages: 2, redeliveries: 2, duplicates: 2 },
        ],
      },
    );
    expect(explained(pathOf(), {}, counts)[1]).toMatch(/few beside the path's main cause/);
  });

  test.each(Cause.options)("%s: one paragraph of whole sentences with no hole in it", (cause) => {
    for (const path of [short, pathOf({ consumers: [consumerOf({}, null)] })]) {
      for (const text of explained(path, slow, redelivered(cause, 40))) {
        expect(text).not.toMatch(/undefined|null|NaN|\n| {2}/);
        expect(text).toMatch(/^[A-Z0-9].*\.$/);
      }
    }
  });

  test("says so when there is nothing to compare", () => {
    const sign = {
      cause: "visibility-expired",
      evidence: "exposed",
      messages: null,
      deliveries: null,
      duplicates: null,
      duplicateSharePercent: null,
      sharePercent: null,
      stray: false,
    } as const;
    const path = pathOf({ settings: null });
    const { facts } = explain({
      path,
      measurement: measurementOf(path),
      deliveries: undefined,
      sign,
      plan: undefined,
      settling: [],
    });
    expect(facts[0]).toMatch(/^The settings could not be compared\./);
  });
});
