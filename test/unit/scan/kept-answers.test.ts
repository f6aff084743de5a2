import { describe, expect, test } from "@jest/globals";
import { HOUR_MS } from "../../../core/detect/ratio/history.ts";
import { UnreadableError } from "../../../core/errors.ts";
import { AsyncPath } from "../../../core/model/async-path.ts";
import { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { ScanSettings } from "../../../core/model/settings.ts";
import { discover } from "../../../core/scan/discover.ts";
import { documentKey, requireDocument } from "../../../core/scan/documents.ts";
import { duePeriod, isDue } from "../../../core/scan/due.ts";
import {
  consumer,
  createFakePorts,
  functionArn,
  mapping,
  queueSettings,
  SCAN,
  SETTINGS,
  type World,
} from "../../support/scan-fakes.ts";

const DAILY: ScanSettings = { ...SETTINGS, calmPaths: "daily", scanIntervalMinutes: 60 };
const ALIAS = functionArn("orders-worker:live");
const VERSION = functionArn("orders-worker:7");
const THUMBNAILS = functionArn("thumbnails");
const ARNS = [ALIAS, VERSION, THUMBNAILS];
const EVENTS = {
  eventSources: [{ kind: "s3", arn: "arn:aws:s3:::images" }],
  maximumRetryAttempts: 2,
} as const;
const settingsOf = (more = {}) => ({ ...EVENTS, eventSources: [...EVENTS.eventSources], ...more });

/** A queue with an alias and a version of one function, a queue with a function, a function that gets events. */
const WORLD: World = {
  mappings: [
    mapping("orders", "orders-worker", { functionArn: ALIAS }),
    mapping("orders", "orders-worker", { functionArn: VERSION }),
    mapping("audit", "audit"),
  ],
  functions: {
    [ALIAS]: consumer("orders-worker", { qualifier: "live", timeoutSeconds: 30 }),
    [VERSION]: consumer("orders-worker", { qualifier: "7", timeoutSeconds: 7 }),
    [functionArn("audit")]: consumer("audit"),
    [THUMBNAILS]: consumer("thumbnails"),
  },
  revisions: {
    [functionArn("orders-worker")]: "r1",
    [functionArn("audit")]: "r1",
    [THUMBNAILS]: "r1",
  },
  asyncFunctions: [{ functionName: "thumbnails", qualifiers: [""] }],
  asyncSettings: { [THUMBNAILS]: settingsOf() },
  queues: { orders: queueSettings("orders"), audit: queueSettings("audit") },
};
/** What no listing shows of it. */
const QUESTIONS = [
  "mappings.describeFunction function:orders-worker:live",
  "mappings.describeFunction function:orders-worker:7",
  "asyncEvents.describe function:thumbnails",
].sort();

/** The hours of a day in which a scan finds some of these due, or none. */
function hourWhen(due: readonly string[]): number {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const found = hours.find((hour) =>
    ARNS.every((arn) => isDue(arn, duePeriod(windowAt(hour), DAILY)) === due.includes(arn)),
  );
  if (found === undefined) throw new Error(`no hour has exactly ${due.join(", ")} due`);
  return found;
}

function windowAt(hour: number) {
  const endMs = Date.parse("2026-11-24T00:30:00Z") + hour * HOUR_MS;
  return { startMs: endMs - 3 * HOUR_MS, endMs };
}

const QUIET_HOUR = hourWhen([]);

/** Scans one after the other over one ledger, each with the account as it is then. */
function deployment(settings = DAILY) {
  const { ledger } = createFakePorts();
  const written: unknown[] = [];
  let scans = 0;
  const watched: typeof ledger = {
    ...ledger,
    putDocument: async (scanId, key, value) => {
      if (scanId === "kept-answers") written.push(value);
      await ledger.putDocument(scanId, key, value);
    },
  };
  async function scan(world: World = WORLD, hour = QUIET_HOUR) {
    scans += 1;
    const scanId = `scan-${scans}`;
    const ports = { ...createFakePorts(world), ledger: watched };
    const { batchKeys } = await discover(ports, settings, { scanId, window: windowAt(hour) });
    const read = async <T>(prefix: string, schema: Parameters<typeof requireDocument<T>>[3]) =>
      Promise.all(
        batchKeys
          .filter((key) => key.startsWith(prefix))
          .map((key) => requireDocument(ledger, scanId, documentKey.batch(key), schema)),
      );
    return {
      asked: ports.log
        .filter((call) => /^(mappings\.describeFunction|asyncEvents\.describe) /.test(call))
        // The fake lists no configurations, only revisions: what a listing shows is asked in every scan.
        .filter((call) => !/describeFunction function:[^:]+$/.test(call))
        .sort(),
      listed: ports.listed[0],
      paths: (await read("0", DeliveryPath.array())).flat(),
      asyncPaths: (await read("async", AsyncPath.array())).flat(),
    };
  }
  return { scan, written, ledger };
}

const changed = (name: string): World => ({
  ...WORLD,
  revisions: { ...WORLD.revisions, [functionArn(name)]: "r2" },
});

describe("answers that are kept", () => {
  test("a second scan asks nothing that the first one asked, finds the same, and writes nothing", async () => {
    const { scan, written } = deployment();
    const first = await scan();
    const second = await scan();
    expect(first.asked).toEqual(QUESTIONS);
    expect(second.asked).toEqual([]);
    expect([second.paths, second.asyncPaths]).toEqual([first.paths, first.asyncPaths]);
    expect(written).toHaveLength(1);
  });

  test("an alias and a version of one function are two answers", async () => {
    const { scan } = deployment();
    await scan();
    const { paths } = await scan();
    const orders = paths.find(({ queueName }) => queueName === "orders");
    expect(orders?.consumers.map((one) => [one.function?.qualifier, one.function?.timeoutSeconds])).toEqual([
      ["live", 30],
      ["7", 7],
    ]);
  });

  test("what asynchronous events meet is kept with all its details", async () => {
    const { scan } = deployment();
    const details = { ...settingsOf(), maximumRetryAttempts: 0, onFailureDestinationArn: "arn:queue" };
    const world = { ...WORLD, asyncSettings: { [THUMBNAILS]: details } };
    await scan(world);
    const { asked, asyncPaths } = await scan(world);
    expect(asked).toEqual([]);
    expect(asyncPaths[0]?.targets).toEqual([details]);
  });

  test("the revision of a function is wanted where only its alias is a consumer", async () => {
    const { listed } = await deployment().scan();
    expect(listed).toContain(functionArn("orders-worker"));
  });

  test.each(ARNS)("%s is asked about when it is due, the others are not", async (arn) => {
    const { scan, written } = deployment();
    await scan();
    const { asked } = await scan(WORLD, hourWhen([arn]));
    expect(asked).toEqual([expect.stringContaining(arn.split(":").slice(5).join(":"))]);
    expect(written).toHaveLength(1);
    expect((await scan()).asked).toEqual([]);
  });

  test("once a day each: 24 hourly scans ask every question once", async () => {
    const { scan } = deployment();
    await scan();
    const asked: string[] = [];
    for (let hour = 0; hour < 24; hour += 1) asked.push(...(await scan(WORLD, hour)).asked);
    expect(asked.sort()).toEqual(QUESTIONS);
  });

  test("an alias moved without any change of its function is seen when it is due", async () => {
    const { scan } = deployment();
    await scan();
    const moved = {
      ...WORLD,
      functions: { ...WORLD.functions, [ALIAS]: consumer("orders-worker", { timeoutSeconds: 99 }) },
    };
    const timeoutAt = async (hour: number) =>
      (await scan(moved, hour)).paths.find(({ queueName }) => queueName === "orders")?.consumers[0]?.function
        ?.timeoutSeconds;
    expect(await timeoutAt(QUIET_HOUR)).toBe(30);
    expect(await timeoutAt(hourWhen([ALIAS]))).toBe(99);
    expect(await timeoutAt(QUIET_HOUR)).toBe(99);
  });

  test.each([
    { name: "orders-worker", again: QUESTIONS.filter((question) => question.includes("orders-worker")) },
    { name: "thumbnails", again: QUESTIONS.filter((question) => question.includes("thumbnails")) },
    { name: "audit", again: [] },
  ])(
    "of $name, changed: asked now and, should an alias move after it, once more",
    async ({ name, again }) => {
      const { scan } = deployment();
      await scan();
      expect((await scan(changed(name))).asked).toEqual(again);
      expect((await scan(changed(name))).asked).toEqual(again);
      expect((await scan(changed(name))).asked).toEqual([]);
    },
  );

  test("I9: without a listing everything is asked, and nothing is kept", async () => {
    const { scan, written } = deployment();
    const { revisions: _, ...unlisted } = WORLD;
    expect((await scan(unlisted)).asked).toEqual(QUESTIONS);
    expect((await scan(unlisted)).asked).toEqual(QUESTIONS);
    expect(written).toEqual([]);
  });

  test("I8: a failure is never kept, and neither is an answer that lacks details", async () => {
    const { scan } = deployment();
    const gap = { resource: THUMBNAILS, reason: "event sources: not allowed" };
    const failing: World = {
      ...WORLD,
      functions: { ...WORLD.functions, [ALIAS]: new UnreadableError(ALIAS, "throttled") },
      asyncSettings: { [THUMBNAILS]: settingsOf({ unreadable: [gap] }) },
    };
    const open = QUESTIONS.filter((question) => !question.endsWith(":7"));
    await scan(failing);
    const { asked, paths } = await scan();
    expect(asked).toEqual(open);
    expect(paths.flatMap(({ unreadable }) => unreadable)).toEqual([]);
    expect((await scan()).asked).toEqual([]);
  });

  test("what nobody asks about any more is dropped", async () => {
    const { scan, written } = deployment();
    await scan();
    await scan({ ...WORLD, mappings: [], asyncFunctions: [] });
    expect(written.at(-1)).toEqual({ functions: {}, events: {} });
    expect((await scan()).asked).toEqual(QUESTIONS);
  });

  test.each([
    {
      name: "an answer without its timeout",
      kept: { functions: { [ALIAS]: { revision: "r1", value: {} } } },
    },
    { name: "a list", kept: [] },
  ])("another shape is as good as none: $name", async ({ kept }) => {
    const { scan, ledger } = deployment();
    await scan();
    await ledger.putDocument("kept-answers", "functions", kept);
    expect((await scan()).asked).toEqual(QUESTIONS);
    expect((await scan()).asked).toEqual([]);
  });

  test("I6: a repeat of the first scan asks everything", async () => {
    const ports = createFakePorts(WORLD);
    await discover(ports, DAILY, SCAN);
    const once = ports.log.length;
    await discover(ports, DAILY, SCAN);
    expect(ports.log).toHaveLength(2 * once);
  });

  test("a scan from a laptop keeps nothing", async () => {
    const { scan, written } = deployment({ ...DAILY, calmPaths: "every-scan" });
    expect((await scan()).asked).toEqual(QUESTIONS);
    expect((await scan()).asked).toEqual(QUESTIONS);
    expect(written).toEqual([]);
  });
});
