import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createExecutions } from "../../../aws/executions.ts";
import { awsError } from "../../support/aws-errors.ts";
import { closeWires, startWire } from "../../support/wire.ts";

const MACHINE = "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:remediation";
const EXECUTION = "arn:aws-cn:states:cn-north-1:123456789012:execution:remediation:c-1";

describe("executions", () => {
  const sfn = mockClient(SFNClient);
  const executions = createExecutions(connect({ region: "us-east-1" }), MACHINE);
  beforeEach(() => {
    sfn.reset();
    sfn.on(StartExecutionCommand).resolves({});
  });
  afterEach(() => {
    sfn.restore();
  });

  test("one is named as its change and given its id alone", async () => {
    await executions.start("c-1");
    expect(sfn.calls().map(({ args }) => args[0].input)).toStrictEqual([
      { stateMachineArn: MACHINE, name: "c-1", input: '{"changeId":"c-1"}' },
    ]);
  });

  test.each([
    { status: "RUNNING", is: "running" },
    { status: "PENDING_REDRIVE", is: "running" },
    { status: "SUCCEEDED", is: "ended" },
    { status: "FAILED", is: "ended" },
    { status: "TIMED_OUT", is: "ended" },
    { status: "ABORTED", is: "ended" },
  ] as const)("$status → $is, asked by an ARN in the machine's partition", async ({ status, is }) => {
    sfn.on(DescribeExecutionCommand).resolves({ status });
    expect(await executions.status("c-1")).toBe(is);
    expect(sfn.calls()[0]?.args[0].input).toStrictEqual({ executionArn: EXECUTION });
  });

  test("an unknown one is absent", async () => {
    sfn.on(DescribeExecutionCommand).rejects(new ExecutionDoesNotExist({ message: "", $metadata: {} }));
    expect(await executions.status("c-1")).toBe("absent");
  });

  test.each([
    { error: awsError("StateMachineDoesNotExist"), name: "ConfigError" },
    { error: awsError("StateMachineDeleting"), name: "ConfigError" },
    { error: awsError("AccessDeniedException"), name: "ConfigError" },
    { error: awsError("ThrottlingException"), name: "TransientError" },
    { error: awsError("ExecutionLimitExceeded"), name: "TransientError" },
    { error: awsError("InternalServerError", { status: 500 }), name: "TransientError" },
    { error: awsError("InvalidName"), name: "ContractError" },
  ])("$error → $name", async ({ error, name }) => {
    sfn.onAnyCommand().rejects(error);
    await expect(executions.start("c-1")).rejects.toMatchObject({ name, cause: error });
    await expect(executions.status("c-1")).rejects.toMatchObject({ name, cause: error });
  });

  test.each(["", "remediation", "arn:aws:states:us-east-1:123456789012:execution:remediation:x"])(
    'refuses "%s" in the place of the state machine\'s ARN',
    (arn) => {
      expect(() => createExecutions(connect({ region: "us-east-1" }), arn)).toThrow(
        `expected the ARN of a state machine, got "${arn}"`,
      );
    },
  );
});

describe("over the wire", () => {
  afterEach(closeWires);

  test("I6: an execution is started once; another start, when it has ended, has no effect", async () => {
    const { settings } = await startWire();
    const { endpoint: endpointUrl, region, credentials } = settings;
    const sfn = new SFNClient(settings);
    const definition = {
      StartAt: "Wait",
      States: { Wait: { Type: "Wait", SecondsPath: "$.none", Next: "End" }, End: { Type: "Succeed" } },
    };
    const { stateMachineArn = "" } = await sfn.send(
      new CreateStateMachineCommand({
        name: "remediation",
        definition: JSON.stringify(definition),
        roleArn: "arn:aws:iam::123456789012:role/workflow",
      }),
    );
    const executions = createExecutions(connect({ endpointUrl, region, credentials }), stateMachineArn);
    expect(await executions.status("c-1")).toBe("absent");
    await executions.start("c-1");
    // It fails by itself, for its path names nothing; each question is a turn of the event loop.
    while ((await executions.status("c-1")) === "running");
    expect(await executions.status("c-1")).toBe("ended");
    await executions.start("c-1");
    expect(await executions.status("c-1")).toBe("ended");
  });
});
