import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createLogs } from "../../../aws/logs.ts";
import type { Window } from "../../../core/model/measurement.ts";
import type { LogLine } from "../../../core/ports.ts";
import { awsError } from "../../support/aws-errors.ts";

const client = mockClient(CloudWatchLogsClient);
const logs = createLogs(connect({ region: "us-east-1" }));

beforeEach(() => {
  client.reset();
});

const START = Date.UTC(2026, 10, 23, 17);
const window = { startMs: START, endMs: START + 60_000 };
const query = { logGroups: ["/aws/lambda/orders"], window, query: "fields @message", limit: 1000 };

describe("startQuery", () => {
  test("asks in whole seconds and leaves no millisecond of the window out", async () => {
    client.on(StartQueryCommand).resolves({ queryId: "id-1" });
    expect(await logs.startQuery(query)).toBe("id-1");
    expect(client.commandCalls(StartQueryCommand)[0]?.args[0].input).toStrictEqual({
      logGroupNames: ["/aws/lambda/orders"],
      queryString: "fields @message",
      limit: 1000,
      startTime: START / 1000,
      endTime: START / 1000 + 60,
    });
    await logs.startQuery({ ...query, window: { startMs: START + 999, endMs: START + 1001 } });
    expect(client.commandCalls(StartQueryCommand)[1]?.args[0].input).toMatchObject({
      startTime: START / 1000,
      endTime: START / 1000 + 2,
    });
  });

  test("asks all log groups at once, and names all where one cannot be read", async () => {
    const logGroups = ["/aws/lambda/orders", "/aws/lambda/refunds"];
    client.on(StartQueryCommand).rejects(awsError("ResourceNotFoundException"));
    await expect(logs.startQuery({ ...query, logGroups })).rejects.toMatchObject({
      name: "UnreadableError",
      resource: "/aws/lambda/orders, /aws/lambda/refunds",
    });
    const [call] = client.commandCalls(StartQueryCommand);
    expect(call?.args[0].input).toMatchObject({ logGroupNames: logGroups });
  });

  test.each([
    { code: "ResourceNotFoundException", says: "does not exist" },
    { code: "AccessDeniedException", says: "logs:StartQuery is not allowed" },
    { code: "MalformedQueryException", says: "MalformedQueryException: bad token" },
  ])("$code makes the log group unreadable", async ({ code, says }) => {
    client.on(StartQueryCommand).rejects(awsError(code, { message: "bad token" }));
    await expect(logs.startQuery(query)).rejects.toMatchObject({
      name: "UnreadableError",
      resource: "/aws/lambda/orders",
      reason: expect.stringContaining(says),
    });
  });

  test.each([
    { code: "LimitExceededException", status: 400 },
    { code: "ThrottlingException", status: 400 },
    { code: "ServiceUnavailableException", status: 503 },
  ])("$code may go away: the log group is no less readable", async ({ code, status }) => {
    client.on(StartQueryCommand).rejects(awsError(code, { status }));
    await expect(logs.startQuery(query)).rejects.toMatchObject({ name: "TransientError" });
  });

  test("an answer without a query id makes it unreadable too", async () => {
    client.on(StartQueryCommand).resolves({});
    await expect(logs.startQuery(query)).rejects.toMatchObject({ name: "UnreadableError" });
  });
});

describe("queryStatus", () => {
  test.each([
    { status: "Scheduled", is: { state: "running" } },
    { status: "Running", is: { state: "running" } },
    { status: "Unknown", is: { state: "running" } },
    { status: "Failed", is: { state: "failed", reason: "the log query ended as Failed" } },
    { status: "Cancelled", is: { state: "failed", reason: "the log query ended as Cancelled" } },
    { status: "Timeout", is: { state: "failed", reason: "the log query ended as Timeout" } },
  ] as const)("$status → $is.state", async ({ status, is }) => {
    client.on(GetQueryResultsCommand).resolves({ status });
    expect(await logs.queryStatus("id")).toStrictEqual(is);
  });

  test.each([
    { statistics: { bytesScanned: 5e9, recordsMatched: 900, resultCount: 100 }, bytes: 5e9, rows: 100 },
    { statistics: { bytesScanned: 1, recordsMatched: 900 }, bytes: 1, rows: 900 },
    { statistics: undefined, bytes: 0, rows: 1 },
  ])("Complete with $statistics", async ({ statistics, bytes, rows }) => {
    client.on(GetQueryResultsCommand).resolves({
      status: "Complete",
      results: [[]],
      ...(statistics !== undefined && { statistics }),
    });
    const status = await logs.queryStatus("id");
    expect(status).toMatchObject({ state: "complete", bytesScanned: bytes, rows });
  });

  test("the first question brings the rows along; a query that was running is asked for one row only", async () => {
    client.on(GetQueryResultsCommand).resolvesOnce({ status: "Running" }).resolves({ status: "Complete" });
    const asked = () =>
      client.commandCalls(GetQueryResultsCommand).map(({ args }) => args[0].input.maxItems ?? "all");
    await logs.queryStatus("slow");
    await logs.queryStatus("slow");
    expect(asked()).toEqual([7_500, 1]);
    await logs.queryStatus("quick");
    expect(asked()).toEqual([7_500, 1, 7_500]);
  });

  test.each(["ThrottlingException", "ServiceUnavailableException"])(
    "%s says nothing about the query",
    async (code) => {
      const status = code === "ThrottlingException" ? 400 : 503;
      client.on(GetQueryResultsCommand).rejects(awsError(code, { status }));
      expect(await logs.queryStatus("id")).toStrictEqual({ state: "running" });
    },
  );

  test.each(["ResourceNotFoundException", "AccessDeniedException"])(
    "%s: nobody may ask, which is no failure of the query",
    async (code) => {
      client.on(GetQueryResultsCommand).rejects(awsError(code));
      await expect(logs.queryStatus("id")).rejects.toMatchObject({ name: "UnreadableError", resource: "id" });
    },
  );

  test("expired credentials stop the scan", async () => {
    client.on(GetQueryResultsCommand).rejects(awsError("ExpiredTokenException"));
    await expect(logs.queryStatus("id")).rejects.toMatchObject({ name: "AccountUnreadableError" });
  });
});

describe("the rows of a complete query", () => {
  const row = (timestamp: string, message: string) => [
    { field: "@timestamp", value: timestamp },
    { field: "@logStream", value: "stream" },
    { field: "@message", value: message },
    { field: "@ptr", value: "pointer" },
  ];
  async function read(within?: Window, queryId = "id"): Promise<LogLine[][]> {
    const pages: LogLine[][] = [];
    const status = await logs.queryStatus(queryId, within);
    if (status.state !== "complete") throw new Error(`expected a complete query, got a ${status.state} one`);
    for await (const page of status.pages) pages.push([...page]);
    return pages;
  }
  const page = (output: Partial<GetQueryResultsCommandOutput>) => ({
    status: "Complete" as const,
    ...output,
  });

  test("gives every page in order, 7,500 rows asked a page", async () => {
    client
      .on(GetQueryResultsCommand)
      .resolvesOnce(page({ results: [row("2026-11-23 17:00:00.123", "one")], nextToken: "t1" }))
      .resolvesOnce(page({ results: [], nextToken: "t2" }))
      .resolvesOnce(page({ results: [row("2026-11-23 17:00:00.123", "two\r\n\ttext")] }));
    const line = { timestampMs: START + 123, logStream: "stream" };
    expect(await read()).toStrictEqual([
      [{ ...line, message: "one" }],
      [],
      [{ ...line, message: "two\r\n\ttext" }],
    ]);
    const inputs = client.commandCalls(GetQueryResultsCommand).map(({ args }) => args[0].input);
    expect(inputs).toStrictEqual([
      { queryId: "id", maxItems: 7_500 },
      { queryId: "id", maxItems: 7_500, nextToken: "t1" },
      { queryId: "id", maxItems: 7_500, nextToken: "t2" },
    ]);
  });

  test.each([
    { text: "2026-11-23 17:00:00.000", timestampMs: START },
    { text: "2024-02-29 23:59:59.999", timestampMs: Date.UTC(2024, 1, 29, 23, 59, 59, 999) },
    { text: "2026-03-29 01:30:00.001", timestampMs: Date.UTC(2026, 2, 29, 1, 30, 0, 1) },
  ])("$text is UTC", async ({ text, timestampMs }) => {
    client.on(GetQueryResultsCommand).resolves(page({ results: [row(text, "")] }));
    expect((await read())[0]?.[0]?.timestampMs).toBe(timestampMs);
  });

  test.each(["", "2026-11-23 17:00:00", "2026-13-45 17:00:00.000", "1795453200000"])(
    'refuses the timestamp "%s" instead of guessing',
    async (text) => {
      client.on(GetQueryResultsCommand).resolves(page({ results: [row(text, "")] }));
      await expect(read()).rejects.toMatchObject({
        name: "UnreadableError",
        reason: `expected @timestamp as "YYYY-MM-DD hh:mm:ss.mmm", got "${text}"`,
      });
    },
  );

  test("with a window, a line at its very end belongs to the next one", async () => {
    client.on(GetQueryResultsCommand).resolves({
      status: "Complete",
      results: [
        row("2026-11-23 16:59:59.999", "before"),
        row("2026-11-23 17:00:00.000", "first"),
        row("2026-11-23 17:00:59.999", "last"),
        row("2026-11-23 17:01:00.000", "after"),
      ],
    });
    const [page] = await read(window);
    expect(page?.map(({ message }) => message)).toStrictEqual(["first", "last"]);
  });

  test("fewer rows than the query has are an error, not the whole", async () => {
    const results = [row("2026-11-23 17:00:00.123", "one")];
    client.on(GetQueryResultsCommand).resolves(page({ results, statistics: { resultCount: 2 } }));
    await expect(read()).rejects.toMatchObject({
      name: "UnreadableError",
      reason: "the query has 2 rows, logs:GetQueryResults gave 1",
    });
  });

  test("an error on the way names the query", async () => {
    client
      .on(GetQueryResultsCommand)
      .resolvesOnce(page({ nextToken: "t1" }))
      .rejects(awsError("ResourceNotFoundException"));
    await expect(read()).rejects.toMatchObject({ name: "UnreadableError", resource: "id" });
  });

  test("of one that was running are all read from the first page on", async () => {
    client
      .on(GetQueryResultsCommand)
      .resolvesOnce({ status: "Running" })
      .resolvesOnce(page({ results: [row("2026-11-23 17:00:00.000", "one")], nextToken: "t1" }))
      .resolves(
        page({ results: [row("2026-11-23 17:00:00.000", "one"), row("2026-11-23 17:00:01.000", "two")] }),
      );
    expect(await logs.queryStatus("late")).toEqual({ state: "running" });
    expect((await read(undefined, "late")).flat().map(({ message }) => message)).toEqual(["one", "two"]);
    const inputs = client.commandCalls(GetQueryResultsCommand).map(({ args }) => args[0].input);
    expect(inputs.map(({ maxItems }) => maxItems)).toEqual([7_500, 1, 7_500]);
  });

  test.each([
    { name: "as AWS names it", value: "123456789012:/aws/lambda/orders", logGroup: "/aws/lambda/orders" },
    { name: "as an emulator does", value: "/aws/lambda/orders", logGroup: "/aws/lambda/orders" },
    { name: "where nobody says", value: "", logGroup: undefined },
  ])("each tells its log group, $name", async ({ value, logGroup }) => {
    const results = [[...row("2026-11-23 17:00:00.000", ""), { field: "@log", value }]];
    client.on(GetQueryResultsCommand).resolves(page({ results }));
    expect((await read()).flat().map((line) => line.logGroup)).toEqual([logGroup]);
  });
});

describe("stopQuery", () => {
  test.each(["InvalidParameterException", "ResourceNotFoundException"])(
    "%s: the query had ended already, which is no error",
    async (code) => {
      client.on(StopQueryCommand).rejects(awsError(code));
      await expect(logs.stopQuery("id")).resolves.toBeUndefined();
    },
  );

  test("stops the query that it was given; any other refusal is told", async () => {
    client.on(StopQueryCommand).resolvesOnce({ success: true }).rejects(awsError("AccessDeniedException"));
    await logs.stopQuery("id");
    expect(client.commandCalls(StopQueryCommand)[0]?.args[0].input).toStrictEqual({ queryId: "id" });
    await expect(logs.stopQuery("id")).rejects.toMatchObject({ name: "UnreadableError" });
  });
});
