import { describe, expect, test } from "@jest/globals";
import { troubleOf } from "../../../aws/errors.ts";
import { diagnosePath } from "../../../core/advise/diagnose-path.ts";
import { createAnalysis } from "../../../core/analyze/analyse-logs.ts";
import { createSurveyor } from "../../../core/analyze/stream-survey.ts";
import { createSeriesReader } from "../../../core/detect/series-reader.ts";
import { Cause, type PathDeliveries } from "../../../core/model/delivery.ts";
import type { ConsumerFunction, DeliveryPath } from "../../../core/model/delivery-path.ts";
import { ScanSettings } from "../../../core/model/settings.ts";
import {
  consumerOf,
  deliveriesOf,
  type Figures,
  measurementOf,
  pathOf,
} from "../../support/delivery-paths.ts";
import { messageId, requestId, sqsEvent, T0 } from "../../support/log-lines.ts";

const SHORT = { visibilityTimeoutSeconds: 20 };
const running = (over: Partial<ConsumerFunction>) =>
  pathOf({ settings: SHORT, consumers: [consumerOf({}, over)] });
const JSON_LOGS = { logFormat: "JSON" } as const;
const doubled: Figures = { received: 1200, deleted: 1200 };
const silent = deliveriesOf({ logged: "nothing", messages: 0 });
const unknown = (coverage: Partial<PathDeliveries["coverage"]> = {}, cause: Cause = "unknown") =>
  deliveriesOf(coverage, { causes: [{ cause, messages: 50, redeliveries: 50, duplicates: 0 }] });
const unreadable = (reason: string) =>
  deliveriesOf({ logged: "not-read" }, { unreadable: [{ resource: "arn:x", reason }] });

const diagnose = (path: DeliveryPath, figures: Figures, deliveries?: PathDeliveries) =>
  diagnosePath({
    path,
    measurement: measurementOf(path, figures),
    deliveries,
    settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 },
  }).findings;

const notSettled = () => {
  const reader = createSeriesReader(
    new Map([["s", { values: [null], periodSeconds: 60, status: "complete" }]]),
    false,
  );
  reader.points("s", "arn:x");
  return reader.unreadable()[0]?.reason ?? "";
};
const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });
const missing = Object.assign(new Error("no"), { name: "ResourceNotFoundException" });

describe("what would settle a finding", () => {
  test.each<{
    name: string;
    path?: DeliveryPath;
    deliveries?: PathDeliveries;
    steps: RegExp[];
    kinds?: string[];
  }>([
    {
      name: "consumers that log nothing",
      deliveries: silent,
      steps: [/^log the message id and receive count of each record: three lines/],
      kinds: ["log-message-id"],
    },
    {
      name: "ordinary lines dropped by the log level",
      path: running({ ...JSON_LOGS, applicationLogLevel: "ERROR" }),
      deliveries: silent,
      steps: [/ApplicationLogLevel INFO/, /^log the message id/],
      kinds: ["log-info-lines", "log-message-id"],
    },
    {
      name: "START and REPORT dropped by the log level",
      path: running({ ...JSON_LOGS, systemLogLevel: "WARN" }),
      deliveries: unknown({ logged: "ids-and-receive-count" }),
      steps: [/SystemLogLevel INFO/],
      kinds: ["log-platform-lines"],
    },
    {
      name: "ids but no counts, outcomes that text does not state",
      deliveries: unknown(),
      steps: [/^log the receive count/, /log format JSON/],
      kinds: ["log-receive-count", "log-format-json"],
    },
    {
      name: "everything is logged: only earlier deliveries are missing",
      path: running(JSON_LOGS),
      deliveries: unknown({ logged: "ids-and-receive-count" }),
      steps: [/^look at a longer window/],
    },
    {
      name: "ids of a part of the messages",
      deliveries: deliveriesOf({ messages: 100 }),
      steps: [/^log the message id of every record in every consumer/],
      kinds: ["log-message-id"],
    },
    {
      name: "logs cut off",
      deliveries: deliveriesOf({ messages: 100, truncated: true }),
      steps: [/^read every log line/],
    },
    { name: "logs not read", steps: [/^let the scan read the logs/] },
    {
      name: "over the byte budget",
      deliveries: unreadable("logs not read: over the byte budget of 5 GB"),
      steps: [/^raise maxLogBytes/],
    },
    {
      name: "a permission",
      deliveries: unreadable(troubleOf(denied, "logs:StartQuery").sentence),
      steps: [/^allow the scan logs:StartQuery for arn:x$/],
    },
    {
      name: "a resource that is gone",
      deliveries: unreadable(troubleOf(missing, "logs:StartQuery").sentence),
      steps: [/^see why arn:x does not exist/],
    },
    {
      name: "metrics that have not arrived",
      deliveries: unreadable(`metrics: ${notSettled()}`),
      steps: [/^scan again in 15 minutes/],
    },
    {
      name: "AWS that did not answer",
      deliveries: unreadable("the log query did not end within 3 minutes"),
      steps: [/^scan again when arn:x can be read \(the log query did not/],
    },
  ])("$name", ({ path = pathOf({ settings: SHORT }), deliveries, steps, kinds = [] }) => {
    const [finding] = diagnose(path, doubled, deliveries);
    expect(finding?.confidence?.settledBy).toEqual(steps.map((step) => expect.stringMatching(step)));
    const settling = (finding?.advice ?? [])
      .map(({ kind }) => kind)
      .filter((kind) => kind.startsWith("log-"));
    expect(settling).toEqual(kinds);
  });

  test("a metric that access was denied to: the action to allow", () => {
    const path = pathOf({ settings: SHORT });
    const [finding] = diagnose(path, { sent: "forbidden" }, deliveriesOf());
    expect(finding?.confidence?.settledBy).toContain(
      `allow the scan cloudwatch:GetMetricData for ${path.queueArn}`,
    );
  });

  test("log files alone: the settings, then the account itself", () => {
    const logStream = "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef";
    const lines = [0, 1, 2, 3].flatMap((minute) => {
      const timestampMs = T0 + minute * 60_000;
      const id = requestId(minute);
      return [
        { logStream, timestampMs, message: `START RequestId: ${id} Version: $LATEST` },
        { logStream, timestampMs, message: sqsEvent({ messageId: messageId(1) }) },
        {
          logStream,
          timestampMs: timestampMs + 1000,
          message: `REPORT RequestId: ${id}\tDuration: 1000.00 ms`,
        },
      ];
    });
    const surveyor = createSurveyor();
    for (const line of lines) surveyor.note(logStream, { ...line, logGroup: "/aws/lambda/charge-orders" });
    const analysis = createAnalysis({
      survey: surveyor.finish(new Map()),
      known: { queues: new Map(), unnamedQueue: undefined, mappings: [], functions: new Map() },
      settings: ScanSettings.parse({}),
      wholeSecondStreams: new Set(),
    });
    analysis.read(lines);
    const end = { unreadable: [], bytesRead: 0, startedAtMs: T0, endedAtMs: T0 };
    const [finding] = analysis.finish(end).findings;
    expect(finding?.cause).toBe("unknown");
    expect(finding?.confidence?.settledBy.slice(0, 2)).toEqual([
      `give the settings of ${finding?.queueArn} (--queue-config)`,
      expect.stringMatching(/^scan the account itself/),
    ]);
  });

  test("the same step is said once, however many things it makes readable", () => {
    const reason = "logs not read: over the byte budget of 5 GB";
    const twice = deliveriesOf(
      { logged: "not-read" },
      {
        unreadable: [
          { resource: "a", reason },
          { resource: "b", reason },
        ],
      },
    );
    expect(diagnose(pathOf(), doubled, twice)[0]?.confidence?.settledBy).toHaveLength(1);
  });

  test("exposed, with logs that name every message: only time", () => {
    const [finding] = diagnose(pathOf({ settings: SHORT }), {}, deliveriesOf());
    expect(finding?.confidence?.settledBy).toEqual([expect.stringMatching(/^nothing but time/)]);
  });

  test.each(Cause.options)("%s: every finding that is not proven says what would settle it", (cause) => {
    for (const deliveries of [
      undefined,
      silent,
      unknown(),
      unknown({ logged: "nothing" }, cause),
      deliveriesOf(),
    ]) {
      for (const { evidence, confidence } of diagnose(pathOf({ settings: SHORT }), doubled, deliveries)) {
        expect((confidence?.settledBy.length ?? 0) > 0).toBe(evidence !== "proven");
      }
    }
  });
});
