// What a careful company sets on everything of a stack at once: names that must not change, boundary, tags, its key.
import { describe, expect, test } from "@jest/globals";
import {
  holderOf,
  identityStatements,
  resourcesOf,
  stateMachineOf,
  synthesise,
} from "../support/synthesised-stack.ts";

const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const plain = synthesise();

describe("logical ids, a change of which would replace what runs", () => {
  test("the ledger keeps its own", () => {
    expect(resourcesOf(plain, "AWS::DynamoDB::Table").map(([id]) => id)).toEqual(["LedgerTable9343E4AA"]);
  });

  test.each([
    { workflow: "scan", id: "ScanStateMachine0CF830A1" },
    { workflow: "remediation", id: "RemediationWorkflowStateMachine944400C6" },
  ] as const)("the $workflow workflow keeps its own", ({ workflow, id }) => {
    expect(stateMachineOf(plain, workflow)[0]).toBe(id);
  });
});

describe("permissionsBoundary", () => {
  const boundariesOf = (permissionsBoundary: string) =>
    resourcesOf(synthesise({ permissionsBoundary }), "AWS::IAM::Role").map(
      ([, { Properties }]) => Properties.PermissionsBoundary,
    );

  test("an ARN is on every role, the schedule's too", () => {
    const arn = "arn:aws:iam::111122223333:policy/limits/boundary";
    expect(new Set(boundariesOf(arn))).toEqual(new Set([arn]));
  });

  test("a name is a policy of the stack's account", () => {
    for (const boundary of boundariesOf("boundary")) {
      expect(boundary).toEqual({
        "Fn::Join": [
          "",
          ["arn:", { Ref: "AWS::Partition" }, ":iam::", { Ref: "AWS::AccountId" }, ":policy/boundary"],
        ],
      });
    }
  });

  test("absent, no role has one", () => {
    for (const [, { Properties }] of resourcesOf(plain, "AWS::IAM::Role")) {
      expect(Properties).not.toHaveProperty("PermissionsBoundary");
    }
  });
});

describe("tags", () => {
  /** What the stack has of resources that take tags. */
  const TAGGED = [
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
  ];

  test.each(TAGGED)("%s: every one has them", (type) => {
    for (const [, { Properties }] of resourcesOf(synthesise({ tags: { "cost:team": "orders" } }), type)) {
      expect(Properties.Tags).toEqual([{ Key: "cost:team", Value: "orders" }]);
    }
  });
});

describe("ledgerRemovalPolicy", () => {
  test.each([
    { ledgerRemovalPolicy: "retain", policy: "Retain" },
    { ledgerRemovalPolicy: "destroy", policy: "Delete" },
  ])("$ledgerRemovalPolicy", ({ ledgerRemovalPolicy, policy }) => {
    const [[, table] = ["", undefined]] = resourcesOf(
      synthesise({ ledgerRemovalPolicy }),
      "AWS::DynamoDB::Table",
    );
    expect(table).toMatchObject({ DeletionPolicy: policy, UpdateReplacePolicy: policy });
  });
});

describe("kmsKeyArn", () => {
  const encrypted = synthesise({ kmsKeyArn: KEY });
  const onKey = identityStatements(encrypted).filter(({ actions }) =>
    actions.some((action) => action.startsWith("kms:")),
  );

  /** Roles that may use the key through a service, in order. */
  const usersThrough = (service: string) =>
    [
      ...new Set(
        onKey
          .filter(({ condition }) => JSON.stringify(condition).includes(`"${service}."`))
          .flatMap(({ roles }) => roles.map(holderOf)),
      ),
    ].sort();

  const holdersOf = (wanted: RegExp) =>
    [
      ...new Set(
        identityStatements(encrypted)
          .filter(({ actions }) => actions.some((action) => wanted.test(action)))
          .flatMap(({ roles }) => roles.map(holderOf)),
      ),
    ].sort();

  test.each([
    { type: "AWS::SNS::Topic", properties: { KmsMasterKeyId: KEY } },
    { type: "AWS::SQS::Queue", properties: { KmsMasterKeyId: KEY } },
    { type: "AWS::Logs::LogGroup", properties: { KmsKeyId: KEY } },
    {
      type: "AWS::DynamoDB::Table",
      properties: { SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: KEY } },
    },
  ])("encrypts every $type", ({ type, properties }) => {
    for (const [, { Properties }] of resourcesOf(encrypted, type))
      expect(Properties).toMatchObject(properties);
  });

  test.each([
    { service: "dynamodb", action: /^dynamodb:/ },
    { service: "sns", action: /^sns:Publish$/ },
    { service: "sqs", action: /^sqs:SendMessage$/ },
  ])("whoever may call $action, and nobody else, may use it through $service", ({ service, action }) => {
    expect(usersThrough(service)).toEqual(holdersOf(action));
    expect(usersThrough(service)).not.toEqual([]);
  });

  test("nobody may use it otherwise, or another key", () => {
    for (const { actions, resources, condition } of onKey) {
      expect(actions.every((action) => /^kms:[A-Za-z]+$/.test(action))).toBe(true);
      expect(resources).toEqual([KEY]);
      expect(Object.keys((condition as { StringEquals: object }).StringEquals)).toEqual(["kms:ViaService"]);
    }
  });

  test("absent, nothing is said of keys at all", () => {
    const text = JSON.stringify(plain.toJSON());
    expect(text).not.toMatch(/"kms:|KmsMasterKeyId|KmsKeyId|SSESpecification/);
  });
});
