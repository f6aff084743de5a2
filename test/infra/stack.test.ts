import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../aws/connection.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { createStack, functionOf, resourcesOf, synthesise } from "../support/synthesised-stack.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

const emails = ["a@example.org", "b@example.org"];
const approvers = ["boss@example.org", "a@example.org"];
const template = synthesise({ notifyEmail: emails, alarmEmail: ["ops@example.org"], approvers });
const observing = synthesise({ mode: "observe" });

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

  test("each approver gets only what is addressed to them", async () => {
    const subscriptions = resourcesOf(template, "AWS::SNS::Subscription").filter(([, { Properties }]) =>
      Properties.TopicArn.Ref.startsWith("Approvals"),
    );
    expect(subscriptions).toHaveLength(approvers.length);
    for (const [, { Properties }] of subscriptions) {
      const { FilterPolicy, FilterPolicyScope, Endpoint } = Properties;
      // On message attributes, which is the default.
      expect(FilterPolicyScope).toBeUndefined();
      expect(FilterPolicy).toEqual({ recipient: [Endpoint] });
    }
  });

  test("that filter looks at what the notifier sends", async () => {
    const sns = mockClient(SNSClient);
    const notifier = createNotifier(connect({ region: "eu-west-1" }), "arn:aws:sns:eu-west-1:111122223333:t");
    await notifier.publish({ subject: "s", text: "t", json: {}, recipient: "boss@example.org" });
    const attributes = sns.commandCalls(PublishCommand)[0]?.args[0].input.MessageAttributes;
    expect(attributes).toEqual({ recipient: { DataType: "String", StringValue: "boss@example.org" } });
    sns.restore();
  });

  test("the digest and alarms go to every subscriber", () => {
    const others = resourcesOf(template, "AWS::SNS::Subscription").filter(
      ([, { Properties }]) => !Properties.TopicArn.Ref.startsWith("Approvals"),
    );
    for (const [, { Properties }] of others) expect(Properties.FilterPolicy).toBeUndefined();
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
    const named = ["a@example.org", "a@example.org"];
    const twice = synthesise({ notifyEmail: named, approvers: named, alarmEmail: [] });
    twice.resourceCountIs("AWS::SNS::Subscription", 2);
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

  test("says where to decide, and that there is nothing to decide in observe", () => {
    const outputs = (one: typeof template) => Object.keys(one.toJSON()["Outputs"]).sort();
    const always = ["DigestTopicArn", "LedgerTableName", "ScanStateMachineArn"];
    const deciding = ["ApprovalsFunctionName", "RemediationStateMachineArn"];
    expect(outputs(template)).toEqual(["ApprovalPageUrl", ...deciding, ...always].sort());
    expect(outputs(synthesise({ approvalPage: false }))).toEqual([...deciding, ...always].sort());
    expect(outputs(observing)).toEqual(always);
    template.hasOutput("ApprovalsFunctionName", { Value: { Ref: functionOf(template, "Approvals")[0] } });
    template.hasOutput("RemediationStateMachineArn", {
      Value: { Ref: Match.stringLikeRegexp("^RemediationWorkflowStateMachine") },
    });
  });

  test.each([
    { mode: "observe" },
    { mode: "approve" },
    { mode: "auto" },
    { mode: "approve", approvalPage: false },
  ])(
    "%j: resources are created in some order, which the assertions refuse where they wait for each other",
    (configuration) => {
      expect(() => synthesise(configuration)).not.toThrow();
    },
  );

  test("leaves every physical name but two to CloudFormation, so that two stacks fit into one account", () => {
    const keys =
      /^(FunctionName|RoleName|QueueName|TopicName|TableName|StateMachineName|LogGroupName|AlarmName|Name)$/;
    const resources = template.toJSON()["Resources"] as Record<string, { Properties?: object }>;
    const names = Object.values(resources).flatMap(({ Properties = {} }) =>
      Object.entries(Properties).flatMap(([key, value]) => (keys.test(key) ? [value] : [])),
    );
    const own = names.filter((value) => typeof value !== "object" || !("Fn::GetAtt" in value));
    // They must begin so, and two stacks of one account cannot share their name.
    expect(own.sort()).toEqual([
      "/aws/vendedlogs/states/Doubletake",
      "/aws/vendedlogs/states/Doubletake-remediation",
    ]);
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
    Annotations.fromStack(createStack()).hasWarning("/Doubletake/Default", nobody);
    Annotations.fromStack(createStack({ notifyEmail: emails })).hasNoWarning("/Doubletake/Default", nobody);
  });

  test("warns when nobody is asked for approval, where something could be approved", () => {
    jest.spyOn(console, "error").mockImplementation(() => {});
    const nobody = Match.stringLikeRegexp("nobody is asked for approval.*the command line.*can still decide");
    Annotations.fromStack(createStack()).hasWarning("/Doubletake/Default", nobody);
    Annotations.fromStack(createStack({ approvers })).hasNoWarning("/Doubletake/Default", nobody);
    Annotations.fromStack(createStack({ notifyEmail: emails })).hasNoWarning("/Doubletake/Default", nobody);
    Annotations.fromStack(createStack({ mode: "observe" })).hasNoWarning("/Doubletake/Default", nobody);
  });
});

describe("the approval page", () => {
  const [approvalsId] = functionOf(template, "Approvals");

  test("is behind a public URL, which takes both permissions and calls the function by URL only", () => {
    const target = { "Fn::GetAtt": [approvalsId, "Arn"] };
    expect(resourcesOf(template, "AWS::Lambda::Url").map(([, { Properties }]) => Properties)).toEqual([
      { AuthType: "NONE", TargetFunctionArn: target },
    ]);
    const permissions = resourcesOf(template, "AWS::Lambda::Permission").map(
      ([, { Properties }]) => Properties,
    );
    expect(permissions).toHaveLength(2);
    expect(permissions).toEqual(
      expect.arrayContaining([
        {
          Action: "lambda:InvokeFunctionUrl",
          FunctionName: target,
          FunctionUrlAuthType: "NONE",
          Principal: "*",
        },
        {
          Action: "lambda:InvokeFunction",
          FunctionName: target,
          InvokedViaFunctionUrl: true,
          Principal: "*",
        },
      ]),
    );
  });

  test("is all that strangers can call: no other resource policy lets anybody in", () => {
    for (const closed of [observing, synthesise({ approvalPage: false })]) {
      closed.resourceCountIs("AWS::Lambda::Url", 0);
      closed.resourceCountIs("AWS::Lambda::Permission", 0);
    }
  });

  test.each([
    { configuration: {}, reserved: 5 },
    { configuration: { pageConcurrency: 12 }, reserved: 12 },
    { configuration: { pageConcurrency: 0 }, reserved: undefined },
    { configuration: { approvalPage: false }, reserved: undefined },
  ])("$configuration keeps $reserved executions aside", ({ configuration, reserved }) => {
    const [, { Properties }] = functionOf(synthesise(configuration), "Approvals");
    expect(Properties.ReservedConcurrentExecutions).toBe(reserved);
  });

  test("is named in the mails, together with the function for the command line", () => {
    const mailed = (one: typeof template) =>
      functionOf(one, "RequestApproval")[1].Properties.Environment.Variables;
    expect(mailed(template)).toMatchObject({
      APPROVALS_FUNCTION: { Ref: approvalsId },
      APPROVAL_PAGE_URL: { "Fn::GetAtt": [expect.stringMatching(/FunctionUrl/), "FunctionUrl"] },
    });
    expect(mailed(synthesise({ approvalPage: false }))).not.toHaveProperty("APPROVAL_PAGE_URL");
  });
});
