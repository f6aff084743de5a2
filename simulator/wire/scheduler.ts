// Amazon EventBridge Scheduler: schedules are kept and listed; none ever fires by itself.
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import { pageOf } from "./paging.ts";
import { timeMs, wholeNumber } from "./parameters.ts";
import { checked, type Service } from "./service.ts";

const INVALID = "ValidationException";
const PAGE = 100;

const Name = z
  .string()
  .regex(/^[0-9a-zA-Z_.-]{1,64}$/, "Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$");
const Key = z.object({ Name, GroupName: Name.optional(), groupName: Name.optional() });
const Schedule = Key.extend({
  ScheduleExpression: z
    .string()
    .regex(/^(rate|cron|at)\(.+\)$/, "Invalid Schedule Expression, expected rate(…), cron(…) or at(…)"),
  ScheduleExpressionTimezone: z.string().optional(),
  FlexibleTimeWindow: z.object({
    Mode: z.enum(["OFF", "FLEXIBLE"]),
    MaximumWindowInMinutes: wholeNumber(1, 1440).optional(),
  }),
  Target: z.looseObject({ Arn: z.string().min(1), RoleArn: z.string().min(1), Input: z.string().optional() }),
  State: z.enum(["ENABLED", "DISABLED"]).optional(),
  Description: z.string().max(512).optional(),
  StartDate: timeMs.optional(),
  EndDate: timeMs.optional(),
  KmsKeyArn: z.string().optional(),
  ActionAfterCompletion: z.enum(["NONE", "DELETE"]).optional(),
  ClientToken: z.string().optional(),
});

interface Stored {
  readonly settings: z.output<typeof Schedule>;
  readonly group: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export function createScheduler(account: SimulatedAccount): Service {
  const schedules = new Map<string, Stored>();
  const keyOf = (group: string, name: string) => `${group}/${name}`;
  const arnOf = ({ group, settings }: Stored) =>
    `arn:aws:scheduler:${account.region}:${account.accountId}:schedule/${group}/${settings.Name}`;
  const groupOf = (input: z.output<typeof Key>) => input.GroupName ?? input.groupName ?? "default";
  const find = (input: z.output<typeof Key>): Stored => {
    const found = schedules.get(keyOf(groupOf(input), input.Name));
    if (found === undefined) {
      throw new SimulatedAwsError("ResourceNotFoundException", `Schedule ${input.Name} does not exist.`, 404);
    }
    return found;
  };
  const describe = (stored: Stored) => {
    const { groupName: _, ClientToken: __, StartDate, EndDate, ...settings } = stored.settings;
    return {
      ...settings,
      State: settings.State ?? "ENABLED",
      ScheduleExpressionTimezone: settings.ScheduleExpressionTimezone ?? "UTC",
      GroupName: stored.group,
      Arn: arnOf(stored),
      StartDate: StartDate === undefined ? undefined : new Date(StartDate),
      EndDate: EndDate === undefined ? undefined : new Date(EndDate),
      CreationDate: new Date(stored.createdMs),
      LastModificationDate: new Date(stored.modifiedMs),
    };
  };
  const store = (settings: z.output<typeof Schedule>, createdMs: number) => {
    const stored = { settings, group: groupOf(settings), createdMs, modifiedMs: account.nowMs() };
    schedules.set(keyOf(stored.group, settings.Name), stored);
    return { ScheduleArn: arnOf(stored) };
  };

  return {
    name: "scheduler",
    operations: {
      CreateSchedule: checked(INVALID, Schedule, (input) => {
        if (schedules.has(keyOf(groupOf(input), input.Name))) {
          throw new SimulatedAwsError("ConflictException", `Schedule ${input.Name} already exists.`, 409);
        }
        return store(input, account.nowMs());
      }),
      GetSchedule: checked(INVALID, Key, (input) => describe(find(input))),
      UpdateSchedule: checked(INVALID, Schedule, (input) => store(input, find(input).createdMs)),
      DeleteSchedule: checked(INVALID, Key, (input) => {
        find(input);
        schedules.delete(keyOf(groupOf(input), input.Name));
      }),
      ListSchedules: checked(
        INVALID,
        z.object({
          ScheduleGroup: z.string().optional(),
          NamePrefix: z.string().optional(),
          State: z.enum(["ENABLED", "DISABLED"]).optional(),
          MaxResults: wholeNumber(1, PAGE).optional(),
          NextToken: z.string().optional(),
        }),
        (input) => {
          const matching = [...schedules.values()].filter(
            ({ settings, group }) =>
              (input.ScheduleGroup ?? group) === group &&
              settings.Name.startsWith(input.NamePrefix ?? "") &&
              (input.State === undefined || input.State === (settings.State ?? "ENABLED")),
          );
          const page = pageOf(matching, input.MaxResults ?? PAGE, input.NextToken, () => {
            throw new SimulatedAwsError(INVALID, "Invalid NextToken.");
          });
          const Schedules = page.items.map((stored) => {
            const { Name, GroupName, Arn, State, CreationDate, LastModificationDate, Target } =
              describe(stored);
            return {
              Name,
              GroupName,
              Arn,
              State,
              CreationDate,
              LastModificationDate,
              Target: { Arn: Target.Arn },
            };
          });
          return { Schedules, NextToken: page.nextToken };
        },
      ),
    },
    throttled: { code: "ThrottlingException", httpStatus: 429 },
    accessDenied: { code: "AccessDeniedException", httpStatus: 403 },
    unknownOperation: { code: "UnknownOperationException", httpStatus: 404 },
  };
}
