import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { resourcesOf, stateMachineOf, synthesise } from "../support/synthesised-stack.ts";

const template = synthesise({ schedule: "rate(1 hour)", notifyEmail: ["a@example.org"] });

describe("the schedule", () => {
  const [[, schedule] = ["", undefined]] = resourcesOf(template, "AWS::Scheduler::Schedule");

  test("fires as configured, at no flexible time", () => {
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: "rate(1 hour)",
      FlexibleTimeWindow: { Mode: "OFF" },
      State: "ENABLED",
    });
  });

  test("hands over the scheduled time, which stays the same over retries", () => {
    expect(JSON.parse(schedule?.Properties.Target.Input)).toEqual({
      scheduledTime: "<aws.scheduler.scheduled-time>",
    });
  });

  test("limits both the number and the age of retries", () => {
    expect(schedule?.Properties.Target.RetryPolicy).toEqual({
      MaximumEventAgeInSeconds: 1800,
      MaximumRetryAttempts: 5,
    });
  });

  test("keeps what it could not deliver, encrypted, for 14 days", () => {
    const [[queueId, queue] = ["", undefined]] = resourcesOf(template, "AWS::SQS::Queue");
    expect(schedule?.Properties.Target.DeadLetterConfig.Arn).toEqual({ "Fn::GetAtt": [queueId, "Arn"] });
    expect(queue?.Properties).toMatchObject({
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
  });
});

describe("alarms", () => {
  const alarms = resourcesOf(template, "AWS::CloudWatch::Alarm");
  const [machineId] = stateMachineOf(template, "scan");
  const [remediationId] = stateMachineOf(template, "remediation");
  const [[queueId] = [""]] = resourcesOf(template, "AWS::SQS::Queue");

  test.each([
    { metric: "ExecutionsFailed", dimension: { Name: "StateMachineArn", Value: { Ref: machineId } } },
    { metric: "ExecutionsTimedOut", dimension: { Name: "StateMachineArn", Value: { Ref: machineId } } },
    { metric: "ExecutionsFailed", dimension: { Name: "StateMachineArn", Value: { Ref: remediationId } } },
    {
      metric: "ApproximateNumberOfMessagesVisible",
      dimension: { Name: "QueueName", Value: { "Fn::GetAtt": [queueId, "QueueName"] } },
    },
  ])("one $metric is enough, and silence is fine", ({ metric, dimension }) => {
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: metric,
      Dimensions: [dimension],
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 0,
      EvaluationPeriods: 1,
      TreatMissingData: "notBreaching",
    });
  });

  test("hours without a finished scan ring, and silence counts against it", () => {
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: "ExecutionsSucceeded",
      Dimensions: [{ Name: "StateMachineArn", Value: { Ref: machineId } }],
      Statistic: "Sum",
      ComparisonOperator: "LessThanThreshold",
      Threshold: 1,
      Period: 3600,
      EvaluationPeriods: 3,
      DatapointsToAlarm: Match.absent(),
      TreatMissingData: "breaching",
      OKActions: [{ Ref: Match.stringLikeRegexp("^AlarmsTopic") }],
    });
  });

  test.each([
    { configuration: { schedule: "rate(1 hour)" }, hours: 2 },
    { configuration: { schedule: "rate(3 hours)" }, hours: 4 },
    { configuration: { schedule: "rate(10 minutes)" }, hours: 2 },
    { configuration: { schedule: "rate(7 days)", lookbackMinutes: 7 * 1440 }, hours: 168 },
    { configuration: { schedule: "cron(0 6 * * ? *)", missedScanHours: 25 }, hours: 26 },
  ])("$configuration: somebody unreachable rings from one scan to the next", ({ configuration, hours }) => {
    synthesise(configuration).hasResourceProperties("AWS::CloudWatch::Alarm", {
      Namespace: "Doubletake",
      MetricName: "UnreachableSubscribers",
      Dimensions: [{ Name: "service", Value: "doubletake" }],
      Statistic: "Maximum",
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 0,
      Period: 3600,
      EvaluationPeriods: hours,
      DatapointsToAlarm: 1,
      TreatMissingData: "notBreaching",
    });
  });

  test("without a remediation there is no alarm for it", () => {
    const observing = synthesise({ mode: "observe" });
    observing.resourcePropertiesCountIs(
      "AWS::CloudWatch::Alarm",
      { AlarmDescription: Match.stringLikeRegexp("change") },
      0,
    );
    template.resourcePropertiesCountIs(
      "AWS::CloudWatch::Alarm",
      { AlarmDescription: Match.stringLikeRegexp("change") },
      1,
    );
  });

  test("each has a line in the runbook, and the runbook has no other", () => {
    const text = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, section = ""] = text.split("\n## When something is wrong\n");
    const [, table = ""] = section.split("| alarm | what to do |\n|---|---|\n");
    const [rows = ""] = table.split("\n\n");
    const named = [...rows.matchAll(/^\| `(\w+)` \| \S/gm)].map(([, name]) => name);
    expect(named).toHaveLength(rows.trim().split("\n").length);
    const ids = alarms.map(([id]) => /^Alarms(\w+)[0-9A-F]{8}$/.exec(id)?.[1]);
    expect(named.toSorted()).toEqual(ids.toSorted());
  });

  // Ten cents a month each, of two dollars in all: one more has to be worth it (docs/adr/0025).
  test.each([
    { mode: "approve", count: 6 },
    { mode: "observe", count: 5 },
  ])("there are $count of them in the mode $mode", ({ mode, count }) => {
    synthesise({ mode }).resourceCountIs("AWS::CloudWatch::Alarm", count);
  });

  test.each(alarms)("%s is explained and reaches the alarm topic", (_, { Properties }) => {
    expect(Properties.AlarmDescription).toMatch(/\.$/);
    expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
    expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^AlarmsTopic/) }]);
    // CloudWatch's limit: seven days for periods of an hour or more, else one day.
    const limitSeconds = Properties.Period >= 3600 ? 7 * 86_400 : 86_400;
    expect(Properties.Period * Properties.EvaluationPeriods).toBeLessThanOrEqual(limitSeconds);
  });

  test("the longest possible wait keeps CloudWatch's limit", () => {
    const [longest] = Object.values(
      synthesise({ missedScanHours: 168 }).findResources("AWS::CloudWatch::Alarm", {
        Properties: { MetricName: "ExecutionsSucceeded" },
      }),
    );
    expect(longest?.["Properties"].Period * longest?.["Properties"].EvaluationPeriods).toBe(7 * 86_400);
  });
});
