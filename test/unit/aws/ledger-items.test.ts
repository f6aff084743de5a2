import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createLedger } from "../../../aws/ledger.ts";
import { awsError } from "../../support/aws-errors.ts";
import { findingState } from "../../support/ledger-contract.ts";

const dynamo = mockClient(DynamoDBDocumentClient);
const ledger = createLedger(connect({ region: "us-east-1" }), { tableName: "ledger" });
const lostRace = new ConditionalCheckFailedException({ message: "no", $metadata: {} });

beforeEach(() => {
  dynamo.reset();
});

describe("writes of many findings", () => {
  const states = Array.from({ length: 30 }, (_, index) => findingState(`f-${index}`));
  const written = () =>
    dynamo.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.["ledger"] ?? []);

  test("go 25 at a time, and what DynamoDB leaves over is written again", async () => {
    const leftOver = [{ PutRequest: { Item: { pk: "findings", sk: "finding#f-7" } } }];
    dynamo
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: { ledger: leftOver } })
      .resolves({});
    await ledger.putFindingStates(states);
    expect(written().map((items) => items.length)).toStrictEqual([25, 1, 5]);
    expect(written()[1]).toStrictEqual(leftOver);
  });
});

describe("a notification whose claim was written twice by the SDK", () => {
  test("is still ours: the item carries our token", async () => {
    dynamo.on(PutCommand).rejects(lostRace);
    dynamo.on(GetCommand).callsFake(async () => {
      const [put] = dynamo.commandCalls(PutCommand);
      return { Item: put?.args[0].input.Item };
    });
    await expect(ledger.claimNotification("s")).resolves.toBe("claimed");
  });

  test("is another's with another token", async () => {
    dynamo.on(PutCommand).rejects(lostRace);
    dynamo.on(GetCommand).resolves({ Item: { state: "unfinished", token: "another" } });
    await expect(ledger.claimNotification("s")).resolves.toBe("unfinished");
  });

  test("is taken when it was released between our two calls", async () => {
    dynamo.on(PutCommand).rejectsOnce(lostRace).resolves({});
    dynamo.on(GetCommand).resolves({});
    await expect(ledger.claimNotification("s")).resolves.toBe("claimed");
  });
});

describe("errors", () => {
  test.each([
    { code: "ProvisionedThroughputExceededException", status: 400, name: "TransientError" },
    { code: "ThrottlingException", status: 400, name: "TransientError" },
    { code: "InternalServerError", status: 500, name: "TransientError" },
    { code: "ResourceNotFoundException", status: 400, name: "ConfigError" },
    { code: "AccessDeniedException", status: 400, name: "ConfigError" },
    { code: "ExpiredTokenException", status: 400, name: "AccountUnreadableError" },
    { code: "ValidationException", status: 400, name: "ContractError" },
  ])("$code → $name", async ({ code, status, name }) => {
    dynamo.onAnyCommand().rejects(awsError(code, { status }));
    const claim = { scanId: "s", owner: "o", window: { startMs: 0, endMs: 1 }, startedAtMs: 0 };
    for (const call of [
      () => ledger.claimScan(claim),
      () => ledger.putDocument("s", "key", 1),
      () => ledger.getDocument("s", "key"),
      () => ledger.listDocumentKeys("s", ""),
      () => ledger.reserve("s", "h", 1, 2),
      () => ledger.listFindingStates(),
      () => ledger.putFindingStates([findingState("f")]),
      () => ledger.getBaseline("q"),
      () => ledger.putBaseline("q", { setUp: "", fromMs: 0, untilMs: 0, hours: [] }),
      () => ledger.claimNotification("s"),
      () => ledger.releaseNotification("s"),
      () => ledger.markNotified("s"),
    ]) {
      await expect(call()).rejects.toMatchObject({ name });
    }
  });

  test("keep the SDK's error as their cause and name the missing action", async () => {
    const cause = awsError("AccessDeniedException");
    dynamo.on(QueryCommand).rejects(cause);
    await expect(ledger.listFindingStates()).rejects.toMatchObject({
      message: "ledger table ledger: dynamodb:Query is not allowed: grant it to the role or user that scans",
      cause,
    });
  });
});
