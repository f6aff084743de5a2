import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createQueueTagIndex } from "../../../aws/tags.ts";
import { awsError } from "../../support/aws-errors.ts";

const tagging = mockClient(ResourceGroupsTaggingAPIClient);
const list = createQueueTagIndex(connect({ region: "us-east-1" }));

const arnOf = (index: number) => `arn:aws:sqs:us-east-1:123456789012:q${index}`;
const WANTED = Array.from({ length: 20 }, (_, index) => arnOf(index));
const tagged = (index: number) => ({
  ResourceARN: arnOf(index),
  Tags: [{ Key: "team", Value: `t${index}` }],
});

beforeEach(() => {
  tagging.reset();
});

describe("the index of queue tags", () => {
  test("gives the tags of a hundred queues a call, to the last page", async () => {
    tagging
      .on(GetResourcesCommand)
      .resolvesOnce({ ResourceTagMappingList: [tagged(0)], PaginationToken: "t1" })
      .resolvesOnce({ ResourceTagMappingList: [tagged(1), { ResourceARN: arnOf(2) }], PaginationToken: "" });
    const { byKey, complete } = await list(WANTED);
    expect(Object.fromEntries(byKey)).toEqual({
      [arnOf(0)]: { team: "t0" },
      [arnOf(1)]: { team: "t1" },
      [arnOf(2)]: {},
    });
    expect(complete).toBe(true);
    const base = { ResourceTypeFilters: ["sqs"], ResourcesPerPage: 100 };
    expect(tagging.commandCalls(GetResourcesCommand).map(({ args }) => args[0].input)).toStrictEqual([
      base,
      { ...base, PaginationToken: "t1" },
    ]);
  });

  test("of few queues nothing is listed", async () => {
    expect(await list(WANTED.slice(0, 10))).toEqual({ byKey: new Map(), complete: false });
    expect(tagging.calls()).toHaveLength(0);
  });

  test("it stops where the account has many more tagged queues than are wanted", async () => {
    tagging
      .on(GetResourcesCommand)
      .resolves({ ResourceTagMappingList: [{ ResourceARN: "another queue" }], PaginationToken: "more" });
    expect((await list(WANTED)).complete).toBe(false);
    expect(tagging.calls()).toHaveLength(20);
  });

  test.each([
    { code: "AccessDeniedException", status: 400 },
    { code: "ThrottledException", status: 400 },
    { code: "UnknownOperationException", status: 404 },
  ])("I9: an index that answers $code ends with what it gave before", async ({ code, status }) => {
    tagging
      .on(GetResourcesCommand)
      .resolvesOnce({ ResourceTagMappingList: [tagged(0)], PaginationToken: "t1" })
      .rejects(awsError(code, { status }));
    const { byKey, complete } = await list(WANTED);
    expect([...byKey.keys()]).toEqual([arnOf(0)]);
    expect(complete).toBe(false);
  });

  test("expired credentials end the scan", async () => {
    tagging.on(GetResourcesCommand).rejects(awsError("ExpiredTokenException"));
    await expect(list(WANTED)).rejects.toMatchObject({ name: "AccountUnreadableError" });
  });
});
