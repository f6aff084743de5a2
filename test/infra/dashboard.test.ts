// A dashboard that asks for a name that nobody publishes shows nothing and says nothing.
import { describe, expect, test } from "@jest/globals";
import { NestedStack, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { METRIC_NAMES } from "../../functions/shared/telemetry.ts";
import { Doubletake } from "../../infra/index.ts";
import { platformJson } from "../../simulator/logs/platform-json.ts";
import { dashboardBody, fieldsAskedFor, metricsOf, type Widget, written } from "../support/dashboard-body.ts";
import { failureLines, proposeChangesLines, summariseLines } from "../support/published.ts";
import {
  createApp,
  createStack,
  functionOf,
  resourcesOf,
  stateMachineOf,
  synthesise,
} from "../support/synthesised-stack.ts";
import { fieldsOf } from "../support/written-lines.ts";

const template = synthesise();
const observing = synthesise({ mode: "observe" });
const { start, widgets } = dashboardBody(template);
const titled = (title: string, among = widgets): Widget => {
  const found = among.find(({ properties }) => properties.title === title);
  if (found === undefined) throw new Error(`expected a widget "${title}"`);
  return found;
};
const logWidgets = widgets
  .filter(({ type }) => type === "log")
  .map((widget) => ({ title: String(widget.properties.title), query: String(widget.properties.query) }));
const logGroupsOf = (query: string) => [...query.matchAll(/SOURCE '<(\w+)>'/g)].map(([, id]) => id);
const groupOf = (name: string) => functionOf(template, name)[1].Properties.LoggingConfig.LogGroup.Ref;

/** Of AWS's own metrics, which cost nothing. @see the services' pages on CloudWatch metrics */
const AWS_METRICS: Readonly<Record<string, readonly string[]>> = {
  "AWS/States StateMachineArn": [
    ...["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"],
    ...["ExecutionsAborted", "ExecutionTime"],
  ],
  "AWS/Lambda FunctionName": ["Errors", "Duration"],
  "AWS/SQS QueueName": ["ApproximateNumberOfMessagesVisible"],
};

/** "namespace name dimension value" of every metric that exists for this stack. */
async function existing(of: Template): Promise<Set<string>> {
  const [[queueId] = [""]] = resourcesOf(of, "AWS::SQS::Queue");
  const owners: Readonly<Record<string, readonly string[]>> = {
    "AWS/States StateMachineArn": resourcesOf(of, "AWS::StepFunctions::StateMachine").map(
      ([id]) => `<${id}>`,
    ),
    "AWS/Lambda FunctionName": resourcesOf(of, "AWS::Lambda::Function").map(([id]) => `<${id}>`),
    "AWS/SQS QueueName": [`<${queueId}.QueueName>`],
  };
  const ofAws = Object.entries(AWS_METRICS).flatMap(([key, names]) => {
    const [namespace, dimension] = key.split(" ");
    return names.flatMap((name) =>
      (owners[key] ?? []).map((owner) => [namespace, name, dimension, owner].join(" ")),
    );
  });
  return new Set([...ofAws, ...(await published())]);
}

/** The same of what Summarise writes in the embedded metric format. */
async function published(): Promise<string[]> {
  const lines = await summariseLines();
  return lines.flatMap((line) =>
    (line["_aws"]?.CloudWatchMetrics ?? []).flatMap(
      (metrics: { Namespace: string; Dimensions: [[string]]; Metrics: { Name: string }[] }) => {
        const [[dimension]] = metrics.Dimensions;
        return metrics.Metrics.map(({ Name }) =>
          [metrics.Namespace, Name, dimension, line[dimension]].join(" "),
        );
      },
    ),
  );
}

describe("the dashboard", () => {
  test.each([
    { name: "approve", of: template },
    { name: "observe", of: observing },
  ])("$name: every metric that it shows exists", async ({ of }) => {
    const known = await existing(of);
    const shown = dashboardBody(of).widgets.flatMap(metricsOf);
    expect(shown).not.toEqual([]);
    expect(shown.filter((metric) => !known.has(metric))).toEqual([]);
  });

  test("every custom metric is published, and no other", async () => {
    const names = (await published()).map((metric) => metric.split(" ")[1]);
    expect(names.sort()).toEqual([...METRIC_NAMES].sort());
  });

  test.each(logWidgets)("$title: every field is one that is written", async ({ query }) => {
    const facts = {
      ...{ requestId: "r", version: "1", functionName: "f", logStream: "s", memoryMb: 512, initMs: 0 },
      ...{ beginMs: 0, startMs: 0, endMs: 9, outcome: "success" as const },
    };
    const reports = platformJson(facts as unknown as Parameters<typeof platformJson>[0], "INFO").after;
    const lines = [
      ...(await summariseLines()),
      ...(await proposeChangesLines()),
      ...(await failureLines()),
      ...reports.map(({ message }) => JSON.parse(message)),
    ];
    const known = new Set(["@timestamp", "@log", ...lines.flatMap((line) => fieldsOf(line))]);
    const asked = fieldsAskedFor(query);
    expect(asked).not.toEqual([]);
    expect(asked.filter((field) => !known.has(field))).toEqual([]);
  });

  test.each(logWidgets)(
    "$title: the line that it filters for is in the log group that it reads",
    async (given) => {
      const [, message] = /filter message = "([^"]*)"/.exec(given.query) ?? [];
      if (message === undefined) {
        const all = resourcesOf(template, "AWS::Lambda::Function").map(
          ([, { Properties }]) => Properties.LoggingConfig.LogGroup.Ref,
        );
        expect(logGroupsOf(given.query).sort()).toEqual(all.sort());
        // A query takes no more.
        expect(all.length).toBeLessThanOrEqual(50);
        return;
      }
      const written = [
        { group: groupOf("Summarise"), lines: await summariseLines() },
        { group: groupOf("ProposeChanges"), lines: await proposeChangesLines() },
      ];
      const writers = written.filter(({ lines }) => lines.some((line) => line["message"] === message));
      expect(logGroupsOf(given.query)).toEqual(writers.map(({ group }) => group));
    },
  );

  test("I7: its lines hold figures and no names, links, codes or tokens", async () => {
    for (const lines of [await summariseLines(), await proposeChangesLines()]) {
      expect(JSON.stringify(lines)).not.toMatch(/arn:|https:|token|orders/);
    }
  });

  test("shows every alarm, of which there is one for each of the runbook", () => {
    const arns = resourcesOf(template, "AWS::CloudWatch::Alarm").map(([id]) => `<${id}.Arn>`);
    expect([...titled("Alarms").properties.alarms].sort()).toEqual(arns.sort());
  });

  test("shows the errors of every function, and the run times of the scan's", () => {
    const functions = resourcesOf(template, "AWS::Lambda::Function").map(([id]) => id);
    expect(metricsOf(titled("Errors of functions")).sort()).toEqual(
      functions.map((id) => `AWS/Lambda Errors FunctionName <${id}>`).sort(),
    );
    expect(metricsOf(titled("Longest runs of the scan's functions (ms)"))).toHaveLength(9);
  });

  test("shows how scans and changes ended", () => {
    for (const [workflow, title] of [
      ["scan", "Scans"],
      ["remediation", "Workflows of changes"],
    ] as const) {
      const [machine] = stateMachineOf(template, workflow);
      for (const end of ["Succeeded", "Failed", "TimedOut", "Aborted"]) {
        expect(metricsOf(titled(title))).toContain(
          `AWS/States Executions${end} StateMachineArn <${machine}>`,
        );
      }
    }
  });

  test("in observe has nothing of changes", () => {
    const among = dashboardBody(observing).widgets;
    for (const title of ["Workflows of changes", "The latest proposals"]) {
      expect(() => titled(title, among)).toThrow();
      expect(titled(title)).toBeDefined();
    }
  });

  test("stays one of those that are free: 50 metrics at most", () => {
    expect(new Set(widgets.flatMap(metricsOf)).size).toBeLessThanOrEqual(50);
  });

  test("fits into CloudWatch's 24 columns, and no widget lies upon another", () => {
    const cells = widgets.flatMap(({ x, y, width, height }) => {
      expect(x + width).toBeLessThanOrEqual(24);
      return Array.from(
        { length: width * height },
        (_, n) => `${x + (n % width)},${y + Math.floor(n / width)}`,
      );
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test("no query is longer than CloudWatch takes", () => {
    for (const { query } of logWidgets) expect(query.length).toBeLessThanOrEqual(10_000);
  });

  test("shows two weeks, so that what happens every few hours is seen", () => {
    expect(start).toBe("-P14D");
  });

  test("its name tells the Region, because dashboards are the account's", () => {
    const [[, { Properties } = { Properties: {} }] = []] = resourcesOf(
      template,
      "AWS::CloudWatch::Dashboard",
    );
    expect(written(Properties.DashboardName)).toBe("Doubletake-<AWS::Region>");
  });

  test("a construct's id that is no name for a dashboard, or a name known at deployment only, is taken", () => {
    const stack = new Stack(createApp(), "Theirs", { env: { account: "111122223333", region: "eu-west-1" } });
    new Doubletake(stack, "watch.queues", { notifyEmail: ["team@example.org"] });
    Template.fromStack(stack).hasResourceProperties("AWS::CloudWatch::Dashboard", {
      DashboardName: "Theirs-watch-queues-eu-west-1",
    });
    const nested = new NestedStack(new Stack(createApp(), "Outer"), "Nested");
    new Doubletake(nested, "Doubletake", { notifyEmail: ["team@example.org"] });
    Template.fromStack(nested).resourceCountIs("AWS::CloudWatch::Dashboard", 1);
  });

  test("dashboard: false leaves it out, and the alarms in", () => {
    const without = synthesise({ dashboard: false });
    without.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
    without.resourceCountIs("AWS::CloudWatch::Alarm", resourcesOf(template, "AWS::CloudWatch::Alarm").length);
    expect(createStack({ dashboard: false }).node.tryFindChild("Default")).toBeDefined();
  });
});
