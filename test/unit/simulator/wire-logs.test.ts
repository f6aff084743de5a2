import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeQueriesCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  GetQueryResultsCommand,
  InvalidParameterException,
  LimitExceededException,
  MalformedQueryException,
  paginateFilterLogEvents,
  ResourceNotFoundException,
  StartQueryCommand,
  type StartQueryCommandInput,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { LogEvent } from "../../../simulator/account.ts";
import { NOW_MS } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const GROUP = "/aws/lambda/consumer";
const NOW_SECONDS = NOW_MS / 1000;

async function start(logs: Readonly<Record<string, readonly Partial<LogEvent>[]>>) {
  const { server, settings } = await startWire({ logs });
  return { server, logs: new CloudWatchLogsClient(settings) };
}

function lines(count: number, message = "line"): Partial<LogEvent>[] {
  return Array.from({ length: count }, (_, index) => ({ message: `${message} ${index}` }));
}

describe("log groups and events over the wire", () => {
  test("51 groups come in pages of 50; prefix and pattern select, but not together", async () => {
    const names = Array.from({ length: 51 }, (_, index) => `/aws/lambda/fn-${100 + index}`);
    const { logs } = await start(Object.fromEntries(names.map((name) => [name, []])));
    const first = await logs.send(new DescribeLogGroupsCommand({}));
    const second = await logs.send(new DescribeLogGroupsCommand({ nextToken: first.nextToken }));
    expect([first.logGroups?.length, second.logGroups?.length]).toEqual([50, 1]);
    expect(first.logGroups?.[0]).toMatchObject({ arn: expect.stringMatching(/:\*$/), creationTime: NOW_MS });
    const found = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: "FN-107" }));
    expect(found.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(["/aws/lambda/fn-107"]);
    await expect(
      logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: "a", logGroupNamePrefix: "b" })),
    ).rejects.toBeInstanceOf(InvalidParameterException);
  });

  test("streams are listed, and their events read to the end, where the token stays the same", async () => {
    const { logs } = await start({ [GROUP]: [...lines(3), { message: "else", logStream: "other" }] });
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
    expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(["other", "stream"]);
    const read = (nextToken?: string) =>
      logs.send(
        new GetLogEventsCommand({
          logGroupName: GROUP,
          logStreamName: "stream",
          startFromHead: true,
          limit: 2,
          nextToken,
        }),
      );
    const first = await read();
    expect(first.events?.map(({ message }) => message)).toEqual(["line 0", "line 1"]);
    const second = await read(first.nextForwardToken);
    expect(second.events?.map(({ message }) => message)).toEqual(["line 2"]);
    const third = await read(second.nextForwardToken);
    expect(third.events).toEqual([]);
    expect(third.nextForwardToken).toBe(second.nextForwardToken);
  });

  test("FilterLogEvents pages over equal timestamps without losing or repeating an event", async () => {
    const events = lines(25).map((event) => ({ ...event, timestampMs: NOW_MS }));
    const { logs } = await start({ [GROUP]: [...events, { message: "line 25", timestampMs: NOW_MS + 1 }] });
    const seen: (string | undefined)[] = [];
    for await (const page of paginateFilterLogEvents(
      { client: logs, pageSize: 10 },
      { logGroupName: GROUP },
    )) {
      seen.push(...(page.events ?? []).map(({ message }) => message));
    }
    expect(seen).toEqual(lines(26).map(({ message }) => message));
  });

  test("a rare line behind many others is found only after an empty page with a token", async () => {
    const { logs } = await start({
      [GROUP]: [...lines(10_500), { message: "needle", timestampMs: NOW_MS + 20_000 }],
    });
    const sizes: (number | undefined)[] = [];
    for await (const page of paginateFilterLogEvents(
      { client: logs },
      { logGroupName: GROUP, filterPattern: "needle" },
    )) {
      sizes.push(page.events?.length);
    }
    expect(sizes).toEqual([0, 1]);
  });

  test("a page holds at most one megabyte", async () => {
    const { logs } = await start({ [GROUP]: lines(3, "x".repeat(500_000)) });
    const { events, nextToken } = await logs.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
    expect(events).toHaveLength(2);
    expect(nextToken).toBeDefined();
  });

  test("both ends of the time range are inclusive", async () => {
    const { logs } = await start({ [GROUP]: lines(4) });
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: GROUP, startTime: NOW_MS + 1, endTime: NOW_MS + 2 }),
    );
    expect(events?.map(({ message }) => message)).toEqual(["line 1", "line 2"]);
  });

  test.each([
    { pattern: "ERROR timeout", found: [1] },
    { pattern: "?ERROR ?timeout", found: [0, 1, 2] },
    { pattern: '"after timeout"', found: [2] },
    { pattern: "ERROR -timeout", found: [0] },
    { pattern: "%^warn.*\\d$%", found: [2] },
    { pattern: "", found: [0, 1, 2, 3] },
  ])("the pattern $pattern finds $found", async ({ pattern, found }) => {
    const messages = ["ERROR one", "ERROR timeout", "warn after timeout 3", "fine"];
    const { logs } = await start({ [GROUP]: messages.map((message) => ({ message })) });
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern: pattern }),
    );
    expect(events?.map(({ message }) => messages.indexOf(message ?? ""))).toEqual(found);
  });

  test.each([
    {
      name: "a group that does not exist",
      input: { logGroupName: "nowhere" },
      type: ResourceNotFoundException,
    },
    { name: "no group", input: {}, type: InvalidParameterException },
    {
      name: "a JSON pattern",
      input: { logGroupName: GROUP, filterPattern: "{ $.x = 1 }" },
      type: InvalidParameterException,
    },
    {
      name: "a token that is none",
      input: { logGroupName: GROUP, nextToken: "made-up" },
      type: InvalidParameterException,
    },
  ])("FilterLogEvents with $name is $type.name", async ({ input, type }) => {
    const { logs } = await start({ [GROUP]: [] });
    await expect(logs.send(new FilterLogEventsCommand(input))).rejects.toBeInstanceOf(type);
  });
});

describe("Logs Insights queries over the wire", () => {
  const QUERY: StartQueryCommandInput = {
    logGroupName: GROUP,
    startTime: NOW_SECONDS,
    endTime: NOW_SECONDS,
    queryString: "fields @message | sort @timestamp asc",
  };
  type Logs = CloudWatchLogsClient;
  const begin = async (logs: Logs, change: Partial<StartQueryCommandInput> = {}) =>
    (await logs.send(new StartQueryCommand({ ...QUERY, ...change }))).queryId;
  const ask = (logs: Logs, queryId: string | undefined, more: object = {}) =>
    logs.send(new GetQueryResultsCommand({ queryId, ...more }));
  const statuses = async (logs: Logs, queryId: string | undefined, times: number) => {
    const seen: (string | undefined)[] = [];
    for (let index = 0; index < times; index++) {
      seen.push((await ask(logs, queryId)).status);
    }
    return seen;
  };

  test("a query is scheduled, runs, and is complete with its rows and what it scanned", async () => {
    const { logs } = await start({ [GROUP]: [{ message: "grüße" }, { message: "b" }] });
    const id = await begin(logs);
    expect(await statuses(logs, id, 2)).toEqual(["Scheduled", "Running"]);
    const { status, results, statistics } = await ask(logs, id);
    expect(status).toBe("Complete");
    expect(results?.map((row) => row.find(({ field }) => field === "@message")?.value)).toEqual([
      "grüße",
      "b",
    ]);
    expect(statistics).toMatchObject({ recordsScanned: 2, recordsMatched: 2, bytesScanned: 8 });
  });

  test("the window is in seconds and the last second belongs to it", async () => {
    const { logs } = await start({
      [GROUP]: [-1, 0, 999, 1000].map((offset) => ({ message: `${offset}`, timestampMs: NOW_MS + offset })),
    });
    const id = await begin(logs);
    await statuses(logs, id, 2);
    const { results } = await ask(logs, id);
    expect(results?.map((row) => row[0]?.value)).toEqual(["0", "999"]);
  });

  test("25,000 rows are read 10,000 a page; the default limit is 10,000", async () => {
    const { logs } = await start({ [GROUP]: lines(25_000) });
    const read = async (limit?: number) => {
      const id = await begin(logs, { limit, endTime: NOW_SECONDS + 60 });
      await statuses(logs, id, 2);
      const sizes: (number | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await ask(logs, id, { nextToken });
        sizes.push(page.results?.length);
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return sizes;
    };
    expect(await read(100_000)).toEqual([10_000, 10_000, 5_000]);
    expect(await read()).toEqual([10_000]);
  });

  test.each([
    {
      name: "a group that does not exist",
      change: { logGroupName: "nowhere" },
      type: ResourceNotFoundException,
    },
    { name: "a broken query", change: { queryString: "filter (" }, type: MalformedQueryException },
    {
      name: "51 groups",
      change: { logGroupName: undefined, logGroupNames: Array.from({ length: 51 }, () => GROUP) },
      type: InvalidParameterException,
    },
    { name: "no group", change: { logGroupName: undefined }, type: InvalidParameterException },
    {
      name: "10,001 characters",
      change: { queryString: `fields @message #${"x".repeat(9985)}` },
      type: InvalidParameterException,
    },
    { name: "a limit over 100,000", change: { limit: 100_001 }, type: InvalidParameterException },
    {
      name: "an end before the start",
      change: { endTime: NOW_SECONDS - 1 },
      type: InvalidParameterException,
    },
  ])("StartQuery with $name is $type.name", async ({ change, type }) => {
    const { logs } = await start({ [GROUP]: [] });
    await expect(begin(logs, change)).rejects.toBeInstanceOf(type);
  });

  test("a malformed query says what was expected", async () => {
    const { logs } = await start({ [GROUP]: [] });
    await expect(begin(logs, { queryString: "fields @message | sort asc desc x" })).rejects.toMatchObject({
      queryCompileError: { message: "expected the end of the command, got 'x'" },
    });
  });

  test("the 101st concurrent query is refused until one is stopped", async () => {
    const { logs } = await start({ [GROUP]: [] });
    const ids: (string | undefined)[] = [];
    for (let index = 0; index < 100; index++) {
      ids.push(await begin(logs));
    }
    await expect(begin(logs)).rejects.toBeInstanceOf(LimitExceededException);
    expect(await logs.send(new StopQueryCommand({ queryId: ids[0] }))).toMatchObject({ success: true });
    expect((await ask(logs, ids[0])).status).toBe("Cancelled");
    expect(await begin(logs)).toBeDefined();
    await expect(logs.send(new StopQueryCommand({ queryId: ids[0] }))).rejects.toBeInstanceOf(
      InvalidParameterException,
    );
  });

  test("queries are listed by status, newest first", async () => {
    const { logs } = await start({ [GROUP]: [] });
    const first = await begin(logs);
    const second = await begin(logs);
    await logs.send(new StopQueryCommand({ queryId: first }));
    const { queries } = await logs.send(new DescribeQueriesCommand({ status: "Scheduled" }));
    expect(queries?.map(({ queryId }) => queryId)).toEqual([second]);
    const all = await logs.send(new DescribeQueriesCommand({ logGroupName: GROUP }));
    expect(all.queries?.map(({ queryId }) => queryId)).toEqual([second, first]);
  });

  test.each([
    { kind: "query-fails" as const, last: "Failed" },
    { kind: "query-hangs" as const, last: "Running" },
  ])("$kind leaves the query of that group $last, and others complete", async ({ kind, last }) => {
    const { server, logs } = await start({ [GROUP]: [], other: [] });
    server.faults.add({ kind, logGroup: GROUP });
    const broken = await begin(logs);
    const sound = await begin(logs, { logGroupName: "other" });
    expect((await statuses(logs, broken, 5)).at(-1)).toBe(last);
    expect((await statuses(logs, sound, 3)).at(-1)).toBe("Complete");
  });

  test("an unknown query id is not found", async () => {
    const { logs } = await start({});
    await expect(ask(logs, "11111111-1111-4111-8111-111111111111")).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });
});
