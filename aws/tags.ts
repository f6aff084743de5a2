// The tags of all queues of the Region out of the index that AWS keeps of them: a hundred queues a call, where SQS has
// one a call, and few calls a second.
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";
import type { QueueSettings } from "../core/model/delivery-path.ts";
import type { Connection } from "./connection.ts";
import { type Listing, listWanted } from "./listing.ts";

type Tags = QueueSettings["tags"];

/** The most that the API gives. */
const PAGE_SIZE = 100;

export type QueueTagIndex = (queueArns: Iterable<string>) => Promise<Listing<Tags>>;

/**
 * Lists by queue ARN. A queue that has no tags is in no listing.
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export function createQueueTagIndex(connection: Connection): QueueTagIndex {
  const client = connection.client(ResourceGroupsTaggingAPIClient);
  return (queueArns) =>
    listWanted(queueArns, "tag:GetResources", async (token) => {
      const { ResourceTagMappingList: resources = [], PaginationToken } = await client.send(
        new GetResourcesCommand({
          // The service as it stands in the ARN of a queue, which names no type.
          ResourceTypeFilters: ["sqs"],
          ResourcesPerPage: PAGE_SIZE,
          ...(token !== undefined && { PaginationToken: token }),
        }),
      );
      return {
        entries: resources.map(({ ResourceARN = "", Tags = [] }): [string, Tags] => [
          ResourceARN,
          Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value])),
        ]),
        token: PaginationToken,
      };
    });
}
