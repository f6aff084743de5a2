import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import { discover } from "../../../core/scan/discover.ts";
import { matchesGlob } from "../../../core/scan/glob.ts";
import { isSelected } from "../../../core/scan/selection.ts";
import {
  consumer,
  createFakePorts,
  functionArn,
  mapping,
  queueArn,
  queueSettings,
  SCAN,
  SETTINGS,
  type World,
} from "../../support/scan-fakes.ts";

async function run(world: World, settings = SETTINGS) {
  const ports = createFakePorts(world);
  const output = await discover(ports, settings, SCAN);
  const batches: DeliveryPath[][] = [];
  for (const key of output.batchKeys) {
    batches.push((await ports.ledger.getDocument(SCAN.scanId, `batch/${key}`)) as DeliveryPath[]);
  }
  const discovery = await ports.ledger.getDocument(SCAN.scanId, "discovery");
  return { ports, output, batches, paths: batches.flat(), discovery };
}

const orders: World = {
  mappings: [mapping("orders", "orders-worker")],
  functions: { [functionArn("orders-worker")]: consumer("orders-worker") },
  queues: { orders: queueSettings("orders") },
};

describe("matchesGlob", () => {
  test.each([
    ["orders-eu", "orders-*", true],
    ["orders-eu", "orders", false],
    ["orders", "*", true],
    ["orders", "order?", true],
    ["orders", "order??", false],
    ["a.fifo", "*.fifo", true],
    ["afifo", "*.fifo", false],
    ["a+b(c)", "a+b(c)", true],
    ["my-orders", "orders*", false],
  ])("%s and %s: %s", (text, pattern, expected) => {
    expect(matchesGlob(text, pattern)).toBe(expected);
  });
});

describe("isSelected", () => {
  test.each([
    { include: [], exclude: [], selected: true },
    { include: ["orders*"], exclude: [], selected: true },
    { include: ["payments*", "ord*"], exclude: [], selected: true },
    { include: ["payments*"], exclude: [], selected: false },
    { include: [], exclude: ["*eu"], selected: false },
    { include: ["orders*"], exclude: ["*eu"], selected: false },
  ])("include $include, exclude $exclude: $selected", ({ include, exclude, selected }) => {
    expect(isSelected("orders-eu", { includeQueues: include, excludeQueues: exclude })).toBe(selected);
  });
});

describe("discover", () => {
  test("groups all mappings of a queue into one path, disabled ones too", async () => {
    const { output, paths } = await run({
      ...orders,
      mappings: [
        mapping("orders", "orders-worker"),
        mapping("orders", "audit", { state: "Disabled", functionArn: functionArn("audit:live") }),
      ],
      functions: {
        ...orders.functions,
        [functionArn("audit:live")]: consumer("audit", { qualifier: "live" }),
      },
    });
    expect(output).toEqual({ batchKeys: ["0001"], paths: 1 });
    expect(paths).toMatchObject([
      {
        queueArn: queueArn("orders"),
        queueName: "orders",
        foreign: false,
        settings: queueSettings("orders"),
        consumers: [
          { mapping: { state: "Enabled" }, function: { name: "orders-worker" } },
          { mapping: { state: "Disabled" }, function: { name: "audit", qualifier: "live" } },
        ],
        unreadable: [],
      },
    ]);
  });

  test("describes each function once, and names those that consume several queues", async () => {
    const shared = { [functionArn("shared")]: consumer("shared") };
    const { ports, discovery } = await run({
      mappings: [mapping("a", "shared"), mapping("b", "shared"), mapping("a", "shared", { uuid: "again" })],
      functions: shared,
      queues: { a: queueSettings("a"), b: queueSettings("b") },
    });
    expect(ports.log.filter((call) => call.includes("describeFunction"))).toHaveLength(1);
    expect(discovery).toMatchObject({ sharedFunctions: [functionArn("shared")] });
  });

  test.each([
    { sampling: true, read: ["orders", "orders-dlq"] },
    { sampling: false, read: ["orders"] },
  ])("reads the dead-letter queue only for sampling: $sampling", async ({ sampling, read }) => {
    const redrive = { deadLetterTargetArn: queueArn("orders-dlq"), maxReceiveCount: 5 };
    const queues = {
      orders: queueSettings("orders", { redrive }),
      "orders-dlq": queueSettings("orders-dlq"),
    };
    const { ports, paths } = await run({ ...orders, queues }, { ...SETTINGS, sampling });
    const described = ports.log.filter((call) => call.startsWith("queues.describeQueue"));
    expect(described).toEqual(read.map((name) => `queues.describeQueue ${name}`));
    expect(paths[0]?.deadLetterQueue?.url).toBe(sampling ? queueSettings("orders-dlq").url : undefined);
  });

  test.each([
    { mayBe: "still allows it", tags: { "doubletake:sample": "true" } },
    { mayBe: "has taken it back", tags: {} },
  ])("I11: a queue that a listing shows with consent to sampling is asked: it $mayBe", async ({ tags }) => {
    const consent = { tags: { "doubletake:sample": "true" } };
    const { ports, paths } = await run(
      {
        ...orders,
        queues: { orders: queueSettings("orders", { tags }) },
        listedQueues: { orders: queueSettings("orders", consent) },
      },
      { ...SETTINGS, sampling: true },
    );
    expect(ports.log.filter((call) => call.startsWith("queues.describeQueue"))).toHaveLength(1);
    expect(paths[0]?.settings?.tags).toEqual(tags);
  });

  test("a queue that a listing shows without consent, or with it where nothing is sampled, is not asked", async () => {
    const consent = { tags: { "doubletake:sample": "true" } };
    const listed = async (sampling: boolean, settings = {}) =>
      run(
        { ...orders, queues: {}, listedQueues: { orders: queueSettings("orders", settings) } },
        { ...SETTINGS, sampling },
      );
    for (const { paths } of [await listed(true), await listed(false, consent)]) {
      expect(paths[0]?.settings).toBeDefined();
    }
  });

  test("lists once, for all consumers and asynchronous functions, and for all queues of the account", async () => {
    const { ports } = await run(
      {
        mappings: [
          mapping("orders", "orders-worker"),
          mapping("orders", "audit", { functionArn: functionArn("audit:live") }),
          mapping("theirs", "theirs-worker", { queueArn: queueArn("theirs", "999999999999") }),
          mapping("skipped", "skipped-worker"),
        ],
        functions: {
          ...orders.functions,
          [functionArn("audit:live")]: consumer("audit", { qualifier: "live" }),
          [functionArn("thumbnails")]: consumer("thumbnails"),
        },
        asyncFunctions: [{ functionName: "thumbnails", qualifiers: [""] }],
        asyncSettings: { [functionArn("thumbnails")]: { eventSources: [], maximumRetryAttempts: 2 } },
        queues: { orders: queueSettings("orders") },
      },
      { ...SETTINGS, excludeQueues: ["skip*"] },
    );
    expect(ports.listed).toEqual([
      [functionArn("orders-worker"), functionArn("audit:live"), functionArn("thumbnails")],
      [queueArn("orders")],
    ]);
  });

  test("I8: tags that could not be read are listed, and a shared function that could not be once", async () => {
    const tags = { resource: queueArn("orders"), reason: "sqs:ListQueueTags is not allowed" };
    const reason = "lambda:GetFunctionConfiguration is not allowed";
    const { paths, discovery } = await run({
      mappings: [
        mapping("orders", "orders-worker"),
        { ...mapping("orders", "orders-worker"), uuid: "second" },
      ],
      functions: {
        [functionArn("orders-worker")]: new UnreadableError(functionArn("orders-worker"), reason),
      },
      queues: { orders: { ...queueSettings("orders"), unreadable: [tags] } },
    });
    const unreadable = [tags, { resource: functionArn("orders-worker"), reason }];
    expect(paths[0]?.unreadable).toEqual(unreadable);
    expect(discovery).toMatchObject({ unreadable });
  });

  test("counts an alias and the bare function as the same function of several queues", async () => {
    const { discovery } = await run({
      mappings: [mapping("a", "shared"), mapping("b", "shared", { functionArn: functionArn("shared:live") })],
      functions: {
        [functionArn("shared")]: consumer("shared"),
        [functionArn("shared:live")]: consumer("shared"),
      },
      queues: { a: queueSettings("a"), b: queueSettings("b") },
    });
    expect(discovery).toMatchObject({ sharedFunctions: [functionArn("shared")] });
  });

  test("lists a queue of another account and reads nothing of it", async () => {
    const { ports, paths, discovery } = await run({
      mappings: [mapping("theirs", "worker", { queueArn: queueArn("theirs", "999999999999") })],
    });
    expect(paths).toMatchObject([{ foreign: true, queueName: "theirs", unreadable: [] }]);
    expect(paths[0]?.settings).toBeUndefined();
    expect(ports.log).toEqual(["mappings.list", "asyncEvents.listFunctions"]);
    expect(discovery).toMatchObject({ unreadable: [] });
  });

  test.each([
    {
      name: "denied",
      error: new UnreadableError(queueArn("orders"), "sqs:GetQueueAttributes is not allowed"),
      reason: "sqs:GetQueueAttributes is not allowed",
    },
    {
      name: "throttled",
      error: new TransientError("throttled on every try"),
      reason: "throttled on every try",
    },
  ])(
    "keeps a path whose queue is $name, with the reason, and goes on (I8, I9)",
    async ({ error, reason }) => {
      const { paths, discovery } = await run({
        ...orders,
        mappings: [mapping("orders", "orders-worker"), mapping("payments", "orders-worker")],
        queues: { orders: error, payments: queueSettings("payments") },
      });
      const unreadable = [{ resource: queueArn("orders"), reason }];
      expect(paths.map((path) => [path.queueName, path.settings !== undefined])).toEqual([
        ["orders", false],
        ["payments", true],
      ]);
      expect(paths[0]?.unreadable).toEqual(unreadable);
      expect(discovery).toMatchObject({ unreadable });
    },
  );

  test("keeps a consumer whose function is gone, with the reason", async () => {
    const { paths } = await run({
      ...orders,
      functions: { [functionArn("orders-worker")]: new UnreadableError("fn", "it does not exist") },
    });
    expect(paths[0]?.consumers).toEqual([{ mapping: mapping("orders", "orders-worker") }]);
    expect(paths[0]?.unreadable).toEqual([{ resource: "fn", reason: "it does not exist" }]);
  });

  test("a queue is told which others name it as their dead-letter queue", async () => {
    const redrive = { deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 3 };
    const world: World = {
      mappings: ["a", "b", "dead", "other"].map((name) => mapping(name, "worker")),
      functions: { [functionArn("worker")]: consumer("worker") },
      queues: {
        a: { ...queueSettings("a"), redrive },
        b: { ...queueSettings("b"), redrive },
        dead: queueSettings("dead"),
        other: queueSettings("other"),
      },
    };
    const sourcesOf = async (settings = SETTINGS) =>
      (await run(world, settings)).paths.map((path) => [path.queueName, path.deadLetterQueueOf]);
    expect(await sourcesOf()).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["dead", [queueArn("a"), queueArn("b")]],
      ["other", undefined],
    ]);
    // A queue that is left out is not described, so its redrive policy is not known.
    expect(await sourcesOf({ ...SETTINGS, excludeQueues: ["a", "b"] })).toContainEqual(["dead", undefined]);
  });

  test("stops when the account itself cannot be read", async () => {
    const error = new AccountUnreadableError("the credentials have expired");
    await expect(run({ ...orders, queues: { orders: error } })).rejects.toBe(error);
  });

  test("writes batches of the size set, in the order of the queues, and says what it left out", async () => {
    const names = ["e", "c", "a", "d", "b", "skipped"];
    const { output, batches, discovery } = await run(
      {
        mappings: names.map((name) => mapping(name, "worker")),
        functions: { [functionArn("worker")]: consumer("worker") },
        queues: Object.fromEntries(names.map((name) => [name, queueSettings(name)])),
      },
      { ...SETTINGS, batchSize: 2, excludeQueues: ["skip*"] },
    );
    expect(output).toEqual({ batchKeys: ["0001", "0002", "0003"], paths: 5 });
    expect(batches.map((batch) => batch.map((path) => path.queueName))).toEqual([
      ["a", "b"],
      ["c", "d"],
      ["e"],
    ]);
    expect(discovery).toMatchObject({ excludedQueues: 1, paths: 5, batches: ["0001", "0002", "0003"] });
  });

  test("notes its API calls", async () => {
    const { ports } = await run(orders);
    expect(await ports.ledger.getDocument(SCAN.scanId, "calls/discover/all")).toEqual({
      "mappings.list": 1,
      "asyncEvents.listFunctions": 1,
      "mappings.describeFunction": 1,
      "queues.describeQueue": 1,
    });
  });

  test("an account without mappings has no batches", async () => {
    const { output } = await run({ mappings: [] });
    expect(output).toEqual({ batchKeys: [], paths: 0 });
  });
});
