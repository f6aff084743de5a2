import { describe, expect, test } from "@jest/globals";
import { diagnoseAsyncPath } from "../../../../core/advise/async/diagnose-async-path.ts";
import type { AsyncMeasurement, AsyncPath } from "../../../../core/model/async-path.ts";
import type { AsyncDeliveries, CauseCount } from "../../../../core/model/delivery.ts";
import { Finding, PathVerdict } from "../../../../core/model/finding.ts";
import {
  asyncDeliveries,
  asyncMeasurement,
  asyncPath,
  THUMBNAILS,
  TOPIC,
} from "../../../support/async-paths.ts";

interface Given {
  readonly path?: AsyncPath;
  readonly measurement?: AsyncMeasurement;
  readonly deliveries?: AsyncDeliveries | undefined;
}

function diagnose({ path = asyncPath(), measurement = asyncMeasurement(), deliveries }: Given) {
  return diagnoseAsyncPath({ path, measurement, deliveries });
}

const counted = (cause: CauseCount["cause"], redeliveries: number, duplicates = 0): CauseCount => ({
  cause,
  messages: redeliveries,
  redeliveries,
  duplicates,
});
const RETRIES = counted("async-retry", 60);
const AGAIN = counted("at-least-once", 8, 8);
const UNEXPLAINED = counted("unknown", 9);
/** 40 invocations more than events, and errors enough to explain them. */
const RETRIED = asyncMeasurement(
  { invocations: 1040, errors: 45 },
  { excessInvocations: { value: 40, low: 30, high: 50 }, suspicions: ["45 function errors"] },
);
const factsOf = (given: Given) =>
  diagnose(given)
    .findings.flatMap(({ facts }) => facts)
    .join(" ");

describe("verdict", () => {
  const notRead = asyncDeliveries([], { logged: "not-read", invocations: 0, messages: 0 });
  test.each<{ name: string; given: Given; verdict: string; note?: RegExp }>([
    { name: "nothing wrong", given: { deliveries: asyncDeliveries() }, verdict: "healthy" },
    { name: "retries", given: { deliveries: asyncDeliveries([RETRIES]) }, verdict: "retrying" },
    { name: "run twice", given: { deliveries: asyncDeliveries([AGAIN, RETRIES]) }, verdict: "duplicating" },
    {
      name: "unexplained",
      given: { deliveries: asyncDeliveries([UNEXPLAINED]) },
      verdict: "unknown",
      note: /neither logs nor numbers tell why/,
    },
    {
      name: "two unexplained of a thousand",
      given: { deliveries: asyncDeliveries([counted("unknown", 2)]) },
      verdict: "healthy",
    },
    {
      name: "no events",
      given: { measurement: asyncMeasurement({ events: 0 }) },
      verdict: "healthy",
      note: /^no asynchronous events in the window$/,
    },
    {
      name: "nothing readable",
      given: { measurement: asyncMeasurement({ events: null }, { excessInvocations: null }) },
      verdict: "unknown",
      note: /metrics could not be read/,
    },
    {
      name: "only the logs",
      given: {
        measurement: asyncMeasurement({ events: null, invocations: null }, { excessInvocations: null }),
        deliveries: asyncDeliveries(),
      },
      verdict: "healthy",
      note: /^from the logs alone/,
    },
    {
      name: "the function could not be read",
      given: {
        path: {
          functionArn: THUMBNAILS,
          functionName: "thumbnails",
          targets: [],
          unreadable: [{ resource: THUMBNAILS, reason: "not allowed" }],
        },
        measurement: asyncMeasurement({ events: null }, { excessInvocations: null }),
      },
      verdict: "unknown",
      note: /^could not be read: not allowed$/,
    },
    {
      name: "suspicious, and the logs were not read",
      given: { measurement: asyncMeasurement({}, { suspicions: ["1 events given up"] }) },
      verdict: "healthy",
      note: /^the logs were not read$/,
    },
    {
      name: "the logs could not be read",
      given: {
        deliveries: { ...notRead, unreadable: [{ resource: "/aws/lambda/x", reason: "over the budget" }] },
      },
      verdict: "healthy",
      note: /^over the budget$/,
    },
    {
      name: "the logs were cut off",
      given: { deliveries: asyncDeliveries([], { truncated: true }) },
      verdict: "healthy",
      note: /lower bounds/,
    },
    {
      name: "more invocations than errors explain",
      given: {
        measurement: asyncMeasurement(
          { invocations: 1500, errors: 3 },
          { excessInvocations: { value: 500, low: 490, high: 510 } },
        ),
      },
      verdict: "healthy",
      note: /^about 500 more invocations than asynchronous events: other triggers of the function count too/,
    },
    {
      name: "more invocations than events, each seen in the logs",
      given: {
        measurement: asyncMeasurement(
          { invocations: 1500 },
          { excessInvocations: { value: 500, low: 490, high: 510 } },
        ),
        deliveries: asyncDeliveries([], { invocations: 1500, messages: 1500 }),
      },
      verdict: "healthy",
    },
    {
      name: "what the logs showed and did not prove",
      given: { deliveries: asyncDeliveries([], {}, { notes: ["1 event ids are no proof"] }) },
      verdict: "healthy",
      note: /^1 event ids are no proof$/,
    },
  ])("$name: $verdict", ({ given, verdict, note }) => {
    const found = diagnose(given).verdict;
    expect(found).toMatchObject({ verdict, source: "async", functionArns: [THUMBNAILS] });
    expect(found.queueArn).toBeUndefined();
    if (note === undefined) expect(found.note).toBeUndefined();
    else expect(found.note).toMatch(note);
    expect(() => PathVerdict.parse(found)).not.toThrow();
  });
});

describe("findings", () => {
  test("what the logs prove, a finding a cause, never with a plan", () => {
    const { findings } = diagnose({ deliveries: asyncDeliveries([RETRIES, AGAIN]) });
    expect(findings).toMatchObject([
      {
        cause: "async-retry",
        evidence: "proven",
        severity: "medium",
        counts: { messages: 60, deliveries: 120, duplicateSharePercent: 0 },
        metrics: { invocations: 1000, asyncEvents: 1000, invocationRatio: 1, sent: null },
        eventSources: [{ kind: "sns", arn: TOPIC }],
        source: "async",
      },
      { cause: "at-least-once", evidence: "proven", severity: "low", counts: { duplicateSharePercent: 0.8 } },
    ]);
    for (const finding of findings) {
      expect(Finding.parse(finding)).toEqual(finding);
      expect([finding.plan, finding.queueArn]).toEqual([undefined, undefined]);
    }
  });

  test("ids are stable, one a function and cause", () => {
    const ids = (more: Partial<AsyncPath>) =>
      diagnose({ path: asyncPath(more), deliveries: asyncDeliveries([RETRIES, AGAIN]) }).findings.map(
        ({ id }) => id,
      );
    expect(ids({})).toEqual(ids({ targets: [] }));
    expect(new Set([...ids({}), ...ids({ functionArn: `${THUMBNAILS}-2` })]).size).toBe(4);
  });

  test("numbers alone: as many more invocations as errors can have caused are retries, measured", () => {
    const { findings, verdict } = diagnose({ measurement: RETRIED });
    expect(findings).toMatchObject([
      {
        cause: "async-retry",
        evidence: "measured",
        severity: "low",
        counts: { messages: 40, deliveries: null, duplicateSharePercent: null },
        confidence: { messagesInterval: { low: 30, high: 50 } },
      },
    ]);
    expect(verdict).toMatchObject({ verdict: "retrying", note: "the logs were not read" });
    expect(factsOf({ measurement: RETRIED })).toMatch(
      /1,040 invocations for 1,000 asynchronous events, about 40 more than one each \(95 % interval 30 to 50\), and 45 errors .* other triggers of the function count .* What would settle it: read the function's logs/,
    );
  });

  test.each<{ name: string; given: Given }>([
    {
      name: "more invocations than errors can have caused",
      given: {
        measurement: asyncMeasurement(
          { errors: 39 },
          { excessInvocations: { value: 40, low: 30, high: 50 } },
        ),
      },
    },
    {
      name: "an excess that may be nothing",
      given: {
        measurement: asyncMeasurement({ errors: 90 }, { excessInvocations: { value: 40, low: 0, high: 80 } }),
      },
    },
    {
      name: "errors that could not be read",
      given: {
        measurement: asyncMeasurement(
          { errors: null },
          { excessInvocations: { value: 40, low: 30, high: 50 } },
        ),
      },
    },
    {
      name: "logs that hold every invocation and show none again",
      given: { measurement: RETRIED, deliveries: asyncDeliveries([], { invocations: 1040 }) },
    },
  ])("numbers prove nothing with $name", ({ given }) => {
    expect(diagnose(given).findings).toEqual([]);
  });

  test("what becomes of failed events is said with the retries", () => {
    const measurement = asyncMeasurement({ dropped: 3 });
    const deliveries = asyncDeliveries([RETRIES]);
    expect(factsOf({ measurement, deliveries })).toMatch(
      /60 events \(6 % of the 1,000 in the logs\) ran 120 times in all\. Proof in the logs: .* up to 2 times; what still fails is lost unless a dead-letter queue is set on the function\. 3 events were given up in the window\. Its events come from SNS topic uploads\.$/,
    );
    const kept = asyncPath({
      targets: [{ eventSources: [], maximumRetryAttempts: 1, onFailureDestinationArn: "arn:queue" }],
    });
    expect(factsOf({ path: kept, deliveries })).toMatch(
      /up to 1 time; what still fails goes to the on-failure destination\.$/,
    );
    expect(factsOf({ path: asyncPath({ targets: [] }), deliveries })).not.toMatch(/what still fails/);
  });

  test("sources are named as the policy names them, each once", () => {
    const eventSources = [
      { kind: "eventbridge" as const, arn: "arn:aws:events:eu-west-1:1:rule/orders" },
      { kind: "s3" as const },
    ];
    const target = { eventSources, maximumRetryAttempts: 2 };
    const path = asyncPath({ targets: [target, { ...target, qualifier: "live" }] });
    expect(factsOf({ path, deliveries: asyncDeliveries([AGAIN]) })).toMatch(
      /Its events come from EventBridge rule orders, S3 bucket \(not named\)\.$/,
    );
  });

  test("what is unexplained, or cut off, says what speaks against it", () => {
    expect(factsOf({ deliveries: asyncDeliveries([UNEXPLAINED]) })).toMatch(
      /whether the work was done twice cannot be told\. What would settle it: keep START and REPORT lines/,
    );
    expect(factsOf({ deliveries: asyncDeliveries([AGAIN], { truncated: true }) })).toMatch(/lower bounds/);
  });

  test("each explanation begins with what the cause means", () => {
    const { findings } = diagnose({ deliveries: asyncDeliveries([RETRIES, AGAIN, UNEXPLAINED]) });
    expect(findings.map(({ explanation }) => explanation.split(".")[0])).toEqual([
      "The function fails on an event, and Lambda runs it again from the start under the same request id, after part of the work may have been done",
      "An event was run again although it had succeeded: its source delivered it twice, or Lambda's own event queue did",
      "Events were run more than once, and the logs do not tell why",
    ]);
  });
});

describe("advice", () => {
  const adviceOf = (cause: CauseCount, targets = asyncPath().targets) =>
    diagnose({ path: asyncPath({ targets }), deliveries: asyncDeliveries([cause]) }).findings[0]?.advice ??
    [];
  const ONCE = ["conditional-write", "sql-on-conflict"];

  test.each([
    { name: "retries", cause: RETRIES, kinds: ["on-failure-destination", ...ONCE] },
    { name: "run twice", cause: AGAIN, kinds: ONCE },
  ])("for $name", ({ cause, kinds }) => {
    expect(adviceOf(cause).map(({ kind }) => kind)).toEqual(kinds);
  });

  test("no destination where there is one", () => {
    const [target] = asyncPath().targets;
    const kept = {
      eventSources: [],
      maximumRetryAttempts: 2,
      ...target,
      onFailureDestinationArn: "arn:queue",
    };
    expect(adviceOf(RETRIES, [kept]).map(({ kind }) => kind)).toEqual(ONCE);
  });

  test("the destination is for the alias that events go to", () => {
    const patch = adviceOf(RETRIES, [{ eventSources: [], maximumRetryAttempts: 2, qualifier: "live" }])[0]
      ?.patch;
    expect(patch?.["cloudformation"]).toMatch(/FunctionName: thumbnails\n {6}Qualifier: live/);
  });

  test.each([
    { kinds: ["sns"], key: "record.Sns.MessageId" },
    { kinds: ["s3"], key: "record.s3.object.sequencer" },
    { kinds: ["eventbridge"], key: "record.id" },
    { kinds: ["sns", "s3"], key: "record.id" },
    { kinds: [], key: "record.id" },
  ] as const)("the key of events of $kinds is $key", ({ kinds, key }) => {
    const eventSources = kinds.map((kind) => ({ kind, arn: "arn:x" }));
    const advice = adviceOf(AGAIN, [{ eventSources, maximumRetryAttempts: 2 }]);
    expect(advice[0]?.patch?.["typescript"]).toContain(key);
  });
});
