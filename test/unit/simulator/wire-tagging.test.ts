import {
  GetResourcesCommand,
  type GetResourcesCommandInput,
  PaginationTokenExpiredException,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { afterEach, describe, expect, test } from "@jest/globals";
import { functionArn, queueArn } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

async function start(queues: readonly string[] = ["orders", "payments"]) {
  const { server, settings } = await startWire({
    queues,
    functions: [
      { name: "consumer", arn: functionArn("consumer"), tags: { stage: "live" } },
      { name: "plain" },
    ],
  });
  const client = new ResourceGroupsTaggingAPIClient(settings);
  const get = (input: Partial<GetResourcesCommandInput> = {}) => client.send(new GetResourcesCommand(input));
  return { server, get };
}

const TEAM = [{ Key: "team", Value: "orders" }];

describe("GetResources over the wire", () => {
  test.each([
    { filters: ["sqs"], found: [queueArn("orders"), queueArn("payments")] },
    { filters: ["lambda:function"], found: [functionArn("consumer")] },
    {
      filters: ["sqs", "lambda"],
      found: [queueArn("orders"), queueArn("payments"), functionArn("consumer")],
    },
    // An ARN of a queue names no type.
    { filters: ["sqs:queue"], found: [] },
    { filters: undefined, found: [queueArn("orders"), queueArn("payments"), functionArn("consumer")] },
  ])("$filters: tagged resources of that kind, and no others", async ({ filters, found }) => {
    const { get } = await start();
    const { ResourceTagMappingList } = await get(filters && { ResourceTypeFilters: filters });
    expect(ResourceTagMappingList?.map(({ ResourceARN }) => ResourceARN)).toEqual(found);
  });

  test("all tags of each, page by page, the last with an empty token", async () => {
    const { get } = await start();
    const page = { ResourceTypeFilters: ["sqs"], ResourcesPerPage: 1 };
    const first = await get(page);
    const second = await get({ ...page, PaginationToken: first.PaginationToken });
    expect(first.ResourceTagMappingList).toEqual([{ ResourceARN: queueArn("orders"), Tags: TEAM }]);
    expect(second).toMatchObject({
      ResourceTagMappingList: [{ ResourceARN: queueArn("payments"), Tags: TEAM }],
      PaginationToken: "",
    });
  });

  test("a page holds fifty unless more are asked for", async () => {
    const { get } = await start(Array.from({ length: 60 }, (_, index) => `q${index}`));
    expect((await get()).ResourceTagMappingList).toHaveLength(50);
    expect((await get({ ResourcesPerPage: 100 })).ResourceTagMappingList).toHaveLength(61);
  });

  test("refuses pages above a hundred and tokens that are none", async () => {
    const { get } = await start();
    await expect(get({ ResourcesPerPage: 101 })).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(get({ PaginationToken: "made-up" })).rejects.toBeInstanceOf(PaginationTokenExpiredException);
  });

  test.each([
    { fault: { kind: "throttle", operation: "tag:GetResources" } as const, name: "ThrottledException" },
    {
      fault: { kind: "access-denied", operation: "tag:GetResources" } as const,
      name: "AccessDeniedException",
    },
  ])("fault $fault.kind: $name", async ({ fault, name }) => {
    const { server, get } = await start();
    server.faults.add(fault);
    await expect(get()).rejects.toMatchObject({ name });
  });
});
