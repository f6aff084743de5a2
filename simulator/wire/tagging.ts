// Resource Groups Tagging API: the tags of queues and functions by their ARNs. What has no tags is not listed.
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import type { Faults } from "../faults.ts";
import { pageOf } from "./paging.ts";
import { wholeNumber } from "./parameters.ts";
import { createQueueFinder } from "./queues.ts";
import { checked, type Service } from "./service.ts";

const INVALID = "InvalidParameterException";
const DEFAULT_PAGE = 50;
const MAX_PAGE = 100;

interface Tagged {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** @param filter `service`, or `service:type` as they stand in ARNs. */
function matches({ arn }: Tagged, filter: string): boolean {
  const [, , service = "", , , ...rest] = arn.split(":");
  return filter === service || (rest.length > 1 && filter === `${service}:${rest[0]}`);
}

export function createTagging(account: SimulatedAccount, faults: Faults): Service {
  const queues = createQueueFinder(account, faults);
  const refuseToken = (): never => {
    throw new SimulatedAwsError("PaginationTokenExpiredException", "The pagination token is not valid.");
  };

  return {
    name: "tag",
    operations: {
      GetResources: checked(
        INVALID,
        z.object({
          ResourceTypeFilters: z.array(z.string()).max(100).default([]),
          ResourcesPerPage: wholeNumber(1, MAX_PAGE).optional(),
          PaginationToken: z.string().optional(),
        }),
        ({ ResourceTypeFilters: filters, ResourcesPerPage = DEFAULT_PAGE, PaginationToken = "" }) => {
          const resources: Tagged[] = [...queues.all(), ...account.functions()];
          const tagged = resources.filter(
            (one) =>
              Object.keys(one.tags).length > 0 &&
              (filters.length === 0 || filters.some((filter) => matches(one, filter))),
          );
          const page = pageOf(tagged, ResourcesPerPage, PaginationToken || undefined, refuseToken);
          return {
            ResourceTagMappingList: page.items.map(({ arn, tags }) => ({
              ResourceARN: arn,
              Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
            })),
            PaginationToken: page.nextToken ?? "",
          };
        },
      ),
    },
    throttled: { code: "ThrottledException", httpStatus: 400 },
    accessDenied: { code: "AccessDeniedException", httpStatus: 400 },
    unknownOperation: { code: "UnknownOperationException", httpStatus: 400 },
  };
}
