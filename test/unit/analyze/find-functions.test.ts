import { describe, expect, test } from "@jest/globals";
import { assemblePaths } from "../../../core/analyze/assemble-paths.ts";
import { findFunctions, UNKNOWN_QUEUE_ARN } from "../../../core/analyze/find-functions.ts";
import type { KnownSettings } from "../../../core/analyze/known-settings.ts";
import { createSurveyor, type StreamFacts } from "../../../core/analyze/stream-survey.ts";
import { consumerOf, DLQ_ARN, FUNCTION_ARN, QUEUE_ARN, settingsOf } from "../../support/delivery-paths.ts";

const OTHER_QUEUE = "arn:aws:sqs:eu-west-1:111122223333:other";
const NAME = "charge-orders";

const facts = (over: Partial<StreamFacts> = {}): StreamFacts => ({
  functionName: undefined,
  functionArn: undefined,
  account: undefined,
  logGroup: undefined,
  queues: new Set(),
  json: false,
  ...over,
});
const nothing: KnownSettings = {
  queues: new Map(),
  unnamedQueue: undefined,
  mappings: [],
  functions: new Map(),
};
const consumer = consumerOf();
const mapped: KnownSettings = { ...nothing, mappings: [consumer.mapping] };
const described = (logGroup: string): KnownSettings => ({
  ...nothing,
  functions: new Map([
    [FUNCTION_ARN, { ...consumer.function, logGroup } as NonNullable<typeof consumer.function>],
  ]),
});
const arn = (name: string, account = "unknown", region = "eu-west-1") =>
  `arn:aws:lambda:${region}:${account}:function:${name}`;

describe("findFunctions", () => {
  test.each<{ name: string; streams: StreamFacts[]; known?: KnownSettings; found: [string, string[]][] }>([
    {
      name: "named by its stream, with the Region of its queue",
      streams: [facts({ functionName: NAME, queues: new Set([QUEUE_ARN]) })],
      found: [[arn(NAME), [QUEUE_ARN]]],
    },
    {
      name: "the account of its log group",
      streams: [facts({ functionName: NAME, account: "111122223333", queues: new Set([QUEUE_ARN]) })],
      found: [[FUNCTION_ARN, [QUEUE_ARN]]],
    },
    {
      name: "the ARN of its lines",
      streams: [facts({ functionName: NAME, functionArn: FUNCTION_ARN })],
      found: [[FUNCTION_ARN, [`${UNKNOWN_QUEUE_ARN}-of-${NAME}`]]],
    },
    {
      name: "the ARN and the queue of its mapping",
      streams: [facts({ functionName: NAME })],
      known: mapped,
      found: [[FUNCTION_ARN, [QUEUE_ARN]]],
    },
    {
      name: "known by the log group of the settings",
      streams: [facts({ logGroup: "/custom/group" }), facts({ functionName: "another" })],
      known: described("/custom/group"),
      found: [
        [arn("another", "unknown", "unknown"), [`${UNKNOWN_QUEUE_ARN}-of-another`]],
        [FUNCTION_ARN, [`${UNKNOWN_QUEUE_ARN}-of-${NAME}`]],
      ],
    },
    {
      name: "its queue's only consumer",
      streams: [facts({ queues: new Set([QUEUE_ARN]) }), facts({ functionName: "another" })],
      known: mapped,
      found: [
        [arn("another"), [QUEUE_ARN]],
        [FUNCTION_ARN, [QUEUE_ARN]],
      ],
    },
    {
      name: "the only function of the lines",
      streams: [facts({ functionName: NAME, queues: new Set([QUEUE_ARN]) }), facts()],
      found: [[arn(NAME), [QUEUE_ARN]]],
    },
    {
      name: "the only function of the settings",
      streams: [facts()],
      known: described("/aws/lambda/charge-orders"),
      found: [[FUNCTION_ARN, [`${UNKNOWN_QUEUE_ARN}-of-${NAME}`]]],
    },
    {
      name: "nothing known at all",
      streams: [facts(), facts({ queues: new Set([QUEUE_ARN]) })],
      found: [[arn("unknown-function"), [QUEUE_ARN]]],
    },
    {
      name: "nothing known, not even a queue",
      streams: [facts()],
      found: [[arn("unknown-function", "unknown", "unknown"), [UNKNOWN_QUEUE_ARN]]],
    },
    {
      name: "streams of two queues are two unknown functions'",
      streams: [facts({ queues: new Set([QUEUE_ARN]) }), facts({ queues: new Set([OTHER_QUEUE]) })],
      found: [
        [arn("unknown-consumer-of-orders-queue"), [QUEUE_ARN]],
        [arn("unknown-consumer-of-other"), [OTHER_QUEUE]],
      ],
    },
    {
      name: "the only queue of the settings",
      streams: [facts({ functionName: NAME })],
      known: { ...nothing, queues: new Map([[QUEUE_ARN, settingsOf()]]) },
      found: [[arn(NAME), [QUEUE_ARN]]],
    },
    {
      name: "several queues of one function",
      streams: [facts({ functionName: NAME, queues: new Set([OTHER_QUEUE, QUEUE_ARN]) })],
      found: [[arn(NAME), [QUEUE_ARN, OTHER_QUEUE]]],
    },
  ])("$name", ({ streams, known = nothing, found }) => {
    const functions = findFunctions(new Map(streams.map((each, index) => [`stream-${index}`, each])), known);
    expect(functions.map((each) => [each.arn, each.queueArns])).toEqual(found);
    expect(functions.flatMap((each) => [...each.streams]).toSorted()).toEqual(
      streams.map((_, index) => `stream-${index}`),
    );
  });

  test("JSON anywhere is the function's log format", () => {
    const streams = new Map([
      ["a", facts({ functionName: NAME })],
      ["b", facts({ functionName: NAME, json: true })],
    ]);
    expect(findFunctions(streams, nothing).map(({ logFormat }) => logFormat)).toEqual(["JSON"]);
  });
});

describe("assemblePaths", () => {
  const logged = (name: string, ...queueArns: string[]) => ({
    arn: arn(name, "111122223333"),
    logFormat: "Text" as const,
    queueArns,
    streams: new Set<string>(),
  });

  test("without settings: a mapping is assumed, and what is missing is said", () => {
    const [assembled, ...others] = assemblePaths([logged(NAME, QUEUE_ARN)], nothing);
    expect(others).toEqual([]);
    expect(assembled?.path).toMatchObject({
      queueName: "orders-queue",
      consumers: [{ mapping: { uuid: "unknown", state: "Enabled", functionArn: FUNCTION_ARN } }],
      unreadable: [{ resource: QUEUE_ARN, reason: "its settings are in no log file and were not given" }],
    });
    expect(assembled?.path.settings).toBeUndefined();
  });

  test("with settings: every mapping of the queue, with its function, logged or not", () => {
    const second = { ...consumer.mapping, uuid: "2", functionArn: arn("second", "111122223333") };
    const known: KnownSettings = {
      ...described("/aws/lambda/charge-orders"),
      queues: new Map([
        [QUEUE_ARN, settingsOf()],
        [OTHER_QUEUE, settingsOf({ redrive: { deadLetterTargetArn: QUEUE_ARN, maxReceiveCount: 3 } })],
      ]),
      mappings: [consumer.mapping, second],
    };
    const [assembled] = assemblePaths([logged(NAME, QUEUE_ARN), logged("third", QUEUE_ARN)], known);
    expect(
      assembled?.path.consumers.map(({ mapping, function: one }) => [mapping.functionArn, one?.name]),
    ).toEqual([
      [FUNCTION_ARN, NAME],
      [second.functionArn, undefined],
      [arn("third", "111122223333"), undefined],
    ]);
    expect(assembled?.path).toMatchObject({
      settings: settingsOf(),
      unreadable: [],
      deadLetterQueueOf: [OTHER_QUEUE],
    });
    expect(assembled?.logged.map((each) => each.arn)).toEqual([FUNCTION_ARN, arn("third", "111122223333")]);
  });

  test("settings without the queue's ARN are the only queue's, and nobody's where there are two", () => {
    const known = {
      ...nothing,
      unnamedQueue: settingsOf({ redrive: { deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 2 } }),
    };
    const settings = (...queues: string[]) =>
      assemblePaths([logged(NAME, ...queues)], known).map(({ path }) => path.settings !== undefined);
    expect(settings(QUEUE_ARN)).toEqual([true]);
    expect(settings(QUEUE_ARN, OTHER_QUEUE)).toEqual([false, false]);
  });
});

describe("createSurveyor", () => {
  const line = (over: Partial<Parameters<ReturnType<typeof createSurveyor>["note"]>[1]>) => ({
    timestampMs: 5,
    message: "done",
    logStream: null,
    logGroup: null,
    ...over,
  });

  test("gathers what any line of a stream says", () => {
    const surveyor = createSurveyor();
    surveyor.note("s", line({ logGroup: "111122223333:/aws/lambda/charge-orders", timestampMs: 9 }));
    surveyor.note(
      "s",
      line({ message: `{"function_arn":"${FUNCTION_ARN}","eventSourceARN":"${QUEUE_ARN}"}` }),
    );
    surveyor.note("s", line({ message: '{"type":"platform.start","record":{}}', timestampMs: 3 }));
    const { streams, span } = surveyor.finish(new Map());
    expect(span).toEqual({ firstMs: 3, lastMs: 9 });
    expect(streams.get("s")).toEqual({
      functionName: NAME,
      functionArn: FUNCTION_ARN,
      account: "111122223333",
      logGroup: "/aws/lambda/charge-orders",
      queues: new Set([QUEUE_ARN]),
      json: true,
    });
    expect(surveyor.originOf("s")).toBe(`${NAME} ${QUEUE_ARN}`);
    expect(surveyor.originOf("unheard")).toBeUndefined();
  });

  test("a line about another function does not lend it its ARN", () => {
    const surveyor = createSurveyor();
    surveyor.note(
      "s",
      line({ logStream: "2026/11/23/mine[$LATEST]ab", message: `{"function_arn":"${FUNCTION_ARN}"}` }),
    );
    expect(surveyor.finish(new Map()).streams.get("s")).toMatchObject({
      functionName: "mine",
      functionArn: undefined,
    });
  });

  test("parts of one stream are put together", () => {
    const surveyor = createSurveyor();
    surveyor.note("a", line({ logGroup: "/aws/lambda/charge-orders" }));
    surveyor.note("b", line({ message: `eventSourceARN: '${QUEUE_ARN}'` }));
    const { streams } = surveyor.finish(new Map([["b", "a"]]));
    expect([...streams.keys()]).toEqual(["a"]);
    expect(streams.get("a")).toMatchObject({ functionName: NAME, queues: new Set([QUEUE_ARN]) });
  });

  test("without a line there is no time", () => {
    expect(createSurveyor().finish(new Map())).toEqual({ streams: new Map(), span: null });
  });
});
