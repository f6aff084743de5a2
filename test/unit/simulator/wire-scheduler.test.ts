import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
  ValidationException,
} from "@aws-sdk/client-scheduler";
import { afterEach, describe, expect, test } from "@jest/globals";
import { NOW_MS } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const SCHEDULE: CreateScheduleCommandInput = {
  Name: "scan",
  ScheduleExpression: "rate(3 hours)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: "arn:aws:states:us-east-1:123456789012:stateMachine:scan",
    RoleArn: "arn:aws:iam::1:role/r",
  },
};

async function start(): Promise<SchedulerClient> {
  return new SchedulerClient((await startWire()).settings);
}

describe("Scheduler over the wire", () => {
  test("a schedule is created, read, changed, listed and deleted", async () => {
    const scheduler = await start();
    const { ScheduleArn } = await scheduler.send(new CreateScheduleCommand(SCHEDULE));
    const get = () => scheduler.send(new GetScheduleCommand({ Name: "scan" }));
    expect(await get()).toMatchObject({
      Arn: ScheduleArn,
      State: "ENABLED",
      GroupName: "default",
      ScheduleExpression: "rate(3 hours)",
      CreationDate: new Date(NOW_MS),
    });
    await scheduler.send(new UpdateScheduleCommand({ ...SCHEDULE, State: "DISABLED" }));
    expect((await get()).State).toBe("DISABLED");
    const { Schedules } = await scheduler.send(new ListSchedulesCommand({ State: "DISABLED" }));
    expect(Schedules?.map(({ Name }) => Name)).toEqual(["scan"]);
    await scheduler.send(new DeleteScheduleCommand({ Name: "scan" }));
    await expect(get()).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  test("schedules are listed page by page", async () => {
    const scheduler = await start();
    for (const Name of ["a", "b", "c"]) {
      await scheduler.send(new CreateScheduleCommand({ ...SCHEDULE, Name }));
    }
    const first = await scheduler.send(new ListSchedulesCommand({ MaxResults: 2 }));
    const second = await scheduler.send(
      new ListSchedulesCommand({ MaxResults: 2, NextToken: first.NextToken }),
    );
    expect(second.Schedules?.map(({ Name }) => Name)).toEqual(["c"]);
    expect(second.NextToken).toBeUndefined();
  });

  test("a taken name is a conflict; an expression that is none is refused", async () => {
    const scheduler = await start();
    await scheduler.send(new CreateScheduleCommand(SCHEDULE));
    await expect(scheduler.send(new CreateScheduleCommand(SCHEDULE))).rejects.toBeInstanceOf(
      ConflictException,
    );
    const broken = new CreateScheduleCommand({ ...SCHEDULE, Name: "other", ScheduleExpression: "hourly" });
    await expect(scheduler.send(broken)).rejects.toBeInstanceOf(ValidationException);
  });
});
