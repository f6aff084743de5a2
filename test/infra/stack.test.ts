import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { createStack, resourcesOf, synthesise } from "../support/synthesised-stack.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

const emails = ["a@example.org", "b@example.org"];
const template = synthesise({ notifyEmail: emails, alarmEmail: ["ops@example.org"] });

describe("topics", () => {
  function subscribersOf(topic: string): string[] {
    return resourcesOf(template, "AWS::SNS::Subscription")
      .filter(
        ([, { Properties }]) => Properties.Protocol === "email" && Properties.TopicArn.Ref.startsWith(topic),
      )
      .map(([, { Properties }]) => Properties.Endpoint)
      .sort();
  }

  test("the digest goes to notifyEmail, alarms to alarmEmail", () => {
    expect(subscribersOf("Digest")).toEqual(emails);
    expect(subscribersOf("Alarms")).toEqual(["ops@example.org"]);
  });

  test("every topic takes TLS only", () => {
    const topics = resourcesOf(template, "AWS::SNS::Topic").map(([id]) => id);
    const policies = resourcesOf(template, "AWS::SNS::TopicPolicy").map(([, { Properties }]) => Properties);
    for (const topic of topics) {
      const policy = policies.find(
        ({ Topics }) => JSON.stringify(Topics) === JSON.stringify([{ Ref: topic }]),
      );
      expect(policy?.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Action: "sns:Publish",
          Principal: "*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    }
  });

  test("alarms of this account, and of no other, may publish to the alarm topic", () => {
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      Topics: [{ Ref: Match.stringLikeRegexp("^AlarmsTopic") }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          }),
        ]),
      },
    });
  });

  test("an address that is named twice is subscribed once", () => {
    const twice = synthesise({ notifyEmail: ["a@example.org", "a@example.org"], alarmEmail: [] });
    twice.resourceCountIs("AWS::SNS::Subscription", 1);
  });
});

describe("the ledger", () => {
  const [[, table] = ["", undefined]] = resourcesOf(template, "AWS::DynamoDB::Table");

  test("has the keys of the adapter, is paid by request and can be restored", () => {
    expect(table?.Properties).toMatchObject({
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test("outlives the stack", () => {
    expect(table?.DeletionPolicy).toBe("Retain");
  });
});

describe("the stack", () => {
  test("says where its topic, state machine and table are", () => {
    template.hasOutput("DigestTopicArn", { Value: { Ref: Match.stringLikeRegexp("^DigestTopic") } });
    template.hasOutput("ScanStateMachineArn", {
      Value: { Ref: Match.stringLikeRegexp("^ScanStateMachine") },
    });
    template.hasOutput("LedgerTableName", { Value: { Ref: Match.stringLikeRegexp("^LedgerTable") } });
  });

  test("leaves every physical name but one to CloudFormation, so that two stacks fit into one account", () => {
    const keys =
      /^(FunctionName|RoleName|QueueName|TopicName|TableName|StateMachineName|LogGroupName|AlarmName|Name)$/;
    const resources = template.toJSON()["Resources"] as Record<string, { Properties?: object }>;
    const names = Object.values(resources).flatMap(({ Properties = {} }) =>
      Object.entries(Properties).flatMap(([key, value]) => (keys.test(key) ? [value] : [])),
    );
    // The one must begin so, and two stacks of one account cannot share their name.
    expect(names).toEqual(["/aws/vendedlogs/states/Doubletake"]);
  });

  test.each([true, false])("terminationProtection: %s", (terminationProtection) => {
    expect(createStack({ terminationProtection }).terminationProtection).toBe(terminationProtection);
  });

  test("is tagged", () => {
    expect(createStack().tags.tagValues()).toEqual({ application: "doubletake" });
  });

  test("warns when nobody gets the digest, and is quiet otherwise", () => {
    // CDK prints its warnings, and the wanted one is no news for whoever runs the tests.
    jest.spyOn(console, "error").mockImplementation(() => {});
    const nobody = Match.stringLikeRegexp("nobody gets the digest");
    Annotations.fromStack(createStack()).hasWarning("/Doubletake", nobody);
    Annotations.fromStack(createStack({ notifyEmail: emails })).hasNoWarning("/Doubletake", nobody);
  });
});
