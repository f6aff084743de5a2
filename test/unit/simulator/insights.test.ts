import { describe, expect, test } from "@jest/globals";
import type { LogEvent, SimulatedLogGroup } from "../../../simulator/account.ts";
import { QuerySyntaxError } from "../../../simulator/wire/insights/lexer.ts";
import { planQuery } from "../../../simulator/wire/insights/plan.ts";
import { runQuery } from "../../../simulator/wire/insights/run.ts";

const START_MS = Date.UTC(2026, 10, 23, 12, 0, 0);
const ID = "8f7d0b5e-1111-4222-8333-444455556666";

const MESSAGES = [
  `START RequestId: ${ID} Version: $LATEST`,
  `INFO messageId: '059f36b4-87a3-44ab-83d2-661975830a7d' "quoted" a/b`,
  '{"level":"ERROR","attempt":2,"record":{"requestId":"abc"},"Records":[{"messageId":"m1"}]}',
  `REPORT RequestId: ${ID}\tDuration: 102.25 ms\tBilled Duration: 103 ms`,
  "plain # line",
];

function group(name: string, events: readonly Partial<LogEvent>[]): SimulatedLogGroup {
  const full = events.map((event, index) => ({
    timestampMs: START_MS + index * 60_000,
    ingestionMs: START_MS + index * 60_000 + 5,
    logStream: index % 2 === 0 ? "even" : "odd",
    message: "",
    ...event,
  }));
  return {
    name,
    arn: "",
    creationMs: START_MS,
    storedBytes: () => 0,
    streams: () => [],
    events: (startMs, endMs) =>
      full.filter(({ timestampMs }) => timestampMs >= startMs && timestampMs < endMs),
  };
}

const DEFAULT_GROUPS = [
  group(
    "/g",
    MESSAGES.map((message) => ({ message })),
  ),
];

function run(query: string, logGroups = DEFAULT_GROUPS): Record<string, string>[] {
  const outcome = runQuery({
    plan: planQuery(query),
    logGroups,
    accountId: "123456789012",
    startMs: START_MS,
    endMs: START_MS + 3_600_000,
    limit: 10_000,
  });
  return outcome.rows.map((row) =>
    Object.fromEntries(row.filter(({ field }) => field !== "@ptr").map(({ field, value }) => [field, value])),
  );
}

function matches(condition: string): number[] {
  return run(`fields @message | filter ${condition} | sort @timestamp asc`).map((row) =>
    MESSAGES.indexOf(row["@message"] ?? ""),
  );
}

describe("filter", () => {
  test.each([
    { condition: "@message like /RequestId/", found: [0, 3] },
    { condition: "@message like /(?i)requestid/", found: [0, 2, 3] },
    { condition: "@message not like /RequestId/", found: [1, 2, 4] },
    { condition: "@message =~ /^plain/", found: [4] },
    { condition: '@message like "RequestId"', found: [0, 3] },
    { condition: "@message like 'messageId: \\''", found: [1] },
    { condition: '@message like "\\"quoted\\""', found: [1] },
    { condition: "@message like /a\\/b/", found: [1] },
    { condition: '@message like "# line"', found: [4] },
    { condition: 'level = "ERROR"', found: [2] },
    { condition: 'level != "ERROR"', found: [0, 1, 3, 4] },
    { condition: "attempt >= 2", found: [2] },
    { condition: "attempt < 2", found: [] },
    { condition: "@duration > 100", found: [3] },
    { condition: '@type in ["START", "REPORT"]', found: [0, 3] },
    { condition: '@type not in ["START", "REPORT"]', found: [1, 2, 4] },
    { condition: "ispresent(level)", found: [2] },
    { condition: "not ispresent(level)", found: [0, 1, 3, 4] },
    { condition: 'record.requestId = "abc"', found: [2] },
    { condition: 'Records.0.messageId = "m1"', found: [2] },
    { condition: '@logStream = "odd"', found: [1, 3] },
    { condition: "@message like /START/ or @message like /plain/ and @logStream = 'odd'", found: [0] },
    { condition: "(@message like /START/ or @message like /plain/) and @logStream = 'even'", found: [0, 4] },
    { condition: "not (@message like /RequestId/ or ispresent(level))", found: [1, 4] },
    { condition: "@MESSAGE like /x/ or @message LIKE /plain/", found: [4] },
  ])("$condition finds $found", ({ condition, found }) => {
    expect(matches(condition)).toEqual(found);
  });

  test("several filters must all hold, and comments do not count", () => {
    const rows = run(
      "# leading comment\nfilter @message like /RequestId/ # trailing | sort @message\n| filter @logStream = 'odd'",
    );
    expect(rows.map((row) => row["@message"])).toEqual([MESSAGES[3]]);
  });
});

describe("fields, display, sort and limit", () => {
  test("system fields are there; those that an event lacks are left out of its row", () => {
    const query = "fields @timestamp, @log, @logStream, @requestId, level as severity | sort @timestamp asc";
    expect(run(query).slice(0, 3)).toEqual([
      {
        "@timestamp": "2026-11-23 12:00:00.000",
        "@log": "123456789012:/g",
        "@logStream": "even",
        "@requestId": ID,
      },
      // Any UUID-like value, as on AWS: here it is a message id.
      expect.objectContaining({ "@requestId": "059f36b4-87a3-44ab-83d2-661975830a7d" }),
      {
        "@timestamp": "2026-11-23 12:02:00.000",
        "@log": "123456789012:/g",
        "@logStream": "even",
        severity: "ERROR",
      },
    ]);
  });

  test("without fields: timestamp and message, the newest first", () => {
    expect(run("limit 1")).toEqual([{ "@timestamp": "2026-11-23 12:04:00.000", "@message": "plain # line" }]);
  });

  test("display shows only what it names", () => {
    expect(run("fields @timestamp, @message | display @logStream | limit 1")).toEqual([
      { "@logStream": "even" },
    ]);
  });

  test("equal timestamps keep the order of the log, over several groups too", () => {
    const at = (timestampMs: number, message: string) => ({ timestampMs, message });
    const groups = [
      group("a", [at(START_MS, "a1"), at(START_MS, "a2"), at(START_MS + 2, "a3")]),
      group("b", [at(START_MS, "b1"), at(START_MS + 1, "b2")]),
    ];
    const messages = (query: string) => run(query, groups).map((row) => row["@message"]);
    expect(messages("fields @message | sort @timestamp asc")).toEqual(["a1", "a2", "b1", "b2", "a3"]);
    expect(messages("fields @message | sort @timestamp desc | limit 2")).toEqual(["a3", "b2"]);
  });

  test("every row has a pointer of its own", () => {
    const { rows } = runQuery({
      plan: planQuery("fields @message"),
      logGroups: DEFAULT_GROUPS,
      accountId: "123456789012",
      startMs: START_MS,
      endMs: START_MS + 3_600_000,
      limit: 10,
    });
    const pointers = rows.map((row) => row.find(({ field }) => field === "@ptr")?.value);
    expect(new Set(pointers).size).toBe(MESSAGES.length);
  });
});

describe("stats", () => {
  test("counts all events, or those with a field", () => {
    expect(run("stats count(*), count(level) as levels")).toEqual([{ "count(*)": "5", levels: "1" }]);
  });

  test("counts by time and by field", () => {
    expect(run("stats count(*) as n by bin(2m) | sort n desc")).toEqual([
      { "bin(2m)": "2026-11-23 12:02:00.000", n: "2" },
      { "bin(2m)": "2026-11-23 12:00:00.000", n: "2" },
      { "bin(2m)": "2026-11-23 12:04:00.000", n: "1" },
    ]);
    expect(run("stats count(*) as n by @logStream as stream | sort n asc")).toEqual([
      { stream: "odd", n: "2" },
      { stream: "even", n: "3" },
    ]);
  });
});

describe("a query outside the subset", () => {
  test.each([
    { query: "", says: "empty query" },
    { query: "parse @message /(?<x>.)/", says: "'parse' is not known" },
    { query: "stats avg(@duration)", says: "only stats count" },
    { query: "stats count(*) | filter x = 1", says: "filter after stats" },
    { query: "fields strlen(@message)", says: "end of the command, got '('" },
    { query: "filter @message", says: "like, in or a comparison" },
    { query: "filter @message like other", says: "a text or a regular expression" },
    { query: "filter a = b", says: "a text or a number" },
    { query: "filter (a = 1", says: "expected ')'" },
    { query: "filter a in [1, 2", says: "expected ']'" },
    { query: "filter a like /(/", says: "invalid regular expression" },
    { query: "limit 0", says: "limit of 1 to 100000, got 0" },
    { query: "limit 100001", says: "limit of 1 to 100000" },
    { query: "stats count(*) by bin(0m)", says: "duration above zero" },
    { query: "filter a = ;", says: "unexpected character ;" },
  ])("'$query' is refused: $says", ({ query, says }) => {
    expect(() => planQuery(query)).toThrow(QuerySyntaxError);
    expect(() => planQuery(query)).toThrow(says);
  });
});
