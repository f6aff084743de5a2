// Amazon CloudWatch Logs: groups and streams. Events are in logs-events.ts, queries in logs-queries.ts.
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import type { Faults } from "../faults.ts";
import { findLogGroup } from "./log-groups.ts";
import { eventOperations } from "./logs-events.ts";
import { queryOperations } from "./logs-queries.ts";
import { INVALID, oneOf, refuseToken } from "./logs-rules.ts";
import { pageOf } from "./paging.ts";
import { flag, wholeNumber } from "./parameters.ts";
import { checked, type Service } from "./service.ts";

const PAGE = 50;

const DescribeLogGroups = z.object({
  logGroupNamePrefix: z.string().min(1).optional(),
  logGroupNamePattern: z.string().min(1).optional(),
  limit: wholeNumber(1, PAGE).optional(),
  nextToken: z.string().optional(),
});

const DescribeLogStreams = z.object({
  logGroupName: z.string().optional(),
  logGroupIdentifier: z.string().optional(),
  logStreamNamePrefix: z.string().optional(),
  orderBy: z.enum(["LogStreamName", "LastEventTime"]).optional(),
  descending: flag.optional(),
  limit: wholeNumber(1, PAGE).optional(),
  nextToken: z.string().optional(),
});

export function createLogs(account: SimulatedAccount, faults: Faults): Service {
  return {
    name: "logs",
    operations: {
      DescribeLogGroups: checked(INVALID, DescribeLogGroups, (input) => {
        const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
        if (prefix !== undefined && pattern !== undefined) {
          throw new SimulatedAwsError(
            INVALID,
            "Cannot specify both logGroupNamePrefix and logGroupNamePattern.",
          );
        }
        const matching = account
          .logGroups()
          .filter(
            ({ name }) =>
              name.startsWith(prefix ?? "") && name.toLowerCase().includes((pattern ?? "").toLowerCase()),
          )
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const page = pageOf(matching, input.limit ?? PAGE, input.nextToken, refuseToken);
        const logGroups = page.items.map((group) => {
          const logGroupArn = group.arn.replace(/:\*$/, "");
          return {
            logGroupName: group.name,
            arn: `${logGroupArn}:*`,
            logGroupArn,
            creationTime: group.creationMs,
            storedBytes: group.storedBytes(),
            metricFilterCount: 0,
            logGroupClass: "STANDARD",
          };
        });
        return { logGroups, nextToken: page.nextToken };
      }),

      DescribeLogStreams: checked(INVALID, DescribeLogStreams, (input) => {
        const byTime = input.orderBy === "LastEventTime";
        if (byTime && input.logStreamNamePrefix !== undefined) {
          const message = "Cannot order by LastEventTime with a logStreamNamePrefix.";
          throw new SimulatedAwsError(INVALID, message);
        }
        const group = findLogGroup(account, oneOf(input.logGroupName, input.logGroupIdentifier));
        const streams = group
          .streams()
          .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""))
          .sort((a, b) => (byTime ? a.lastMs - b.lastMs : a.name < b.name ? -1 : 1));
        if (input.descending === true) {
          streams.reverse();
        }
        const page = pageOf(streams, input.limit ?? PAGE, input.nextToken, refuseToken);
        const logStreams = page.items.map(({ name, firstMs, lastMs }) => ({
          logStreamName: name,
          creationTime: firstMs,
          firstEventTimestamp: firstMs,
          lastEventTimestamp: lastMs,
          lastIngestionTime: lastMs,
          arn: `${group.arn.replace(/:\*$/, "")}:log-stream:${name}`,
          storedBytes: 0,
        }));
        return { logStreams, nextToken: page.nextToken };
      }),

      ...eventOperations(account),
      ...queryOperations(account, faults),
    },
    throttled: { code: "ThrottlingException", httpStatus: 400 },
    accessDenied: { code: "AccessDeniedException", httpStatus: 400 },
    unknownOperation: { code: "UnknownOperationException", httpStatus: 400 },
  };
}
