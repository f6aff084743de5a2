// The whole command over AWS's wire protocols: Invoke and GetCallerIdentity of a simulated account, behind which the
// approvals function's own use case answers.
import { afterEach, describe, expect, test } from "@jest/globals";
import { createMemoryChangeLedger } from "../../../aws/memory-change-ledger.ts";
import { main } from "../../../cli/main.ts";
import { ContractError } from "../../../core/errors.ts";
import { ApprovalCommand } from "../../../core/model/approval-commands.ts";
import { ChangeSettings } from "../../../core/model/change-settings.ts";
import { answerCommand } from "../../../core/remediate/answer-command.ts";
import { TEST_CREDENTIALS, useAwsEnvironment } from "../../support/aws-environment.ts";
import { change } from "../../support/changes.ts";
import { ACCOUNT_ID, REGION } from "../../support/fake-account.ts";
import { fakeIo } from "../../support/fake-io.ts";
import { consumer, mapping, queueArn, queueSettings, SETTINGS } from "../../support/scan-fakes.ts";
import { closeWires, startWire } from "../../support/wire.ts";

const FUNCTION = "Doubletake-Approvals-1A2B";
const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const WAITING = change({
  id: `${"3f9c2b7a".repeat(5)}-20261123T180000Z`,
  status: "waiting",
  approval: { askedMs: NOW_MS, expiresMs: NOW_MS + 3_600_000, quorum: 1, approvers: [] },
});

useAwsEnvironment(TEST_CREDENTIALS);
afterEach(closeWires);

async function start() {
  const { server } = await startWire({ functions: [{ name: "orders" }] });
  const ledger = createMemoryChangeLedger();
  await ledger.open(WAITING);
  const ports = {
    changes: ledger,
    mappings: {
      listQueueMappings: async () => [mapping("orders", "orders-worker")],
      describeFunction: async () => consumer("orders-worker"),
    },
    queues: {
      describeQueue: async () =>
        queueSettings("orders", {
          visibilityTimeoutSeconds: 30,
          redrive: { deadLetterTargetArn: queueArn("orders-dlq"), maxReceiveCount: 5 },
        }),
      sampleReceiveCounts: () => Promise.reject(new Error("nobody samples here")),
    },
    callbacks: { wake: async () => "told" as const },
    nowMs: () => NOW_MS,
  };
  const settings = { scan: SETTINGS, change: ChangeSettings.parse({}) };
  server.registerFunctionHandler(FUNCTION, (event) =>
    answerCommand(ports, settings, ApprovalCommand.parse(event)),
  );
  const run = async (args: readonly string[], functionName = FUNCTION) => {
    const io = fakeIo({ env: { DOUBLETAKE_APPROVALS_FUNCTION: functionName } });
    const code = await main(["approvals", ...args, "--region", REGION, "--endpoint-url", server.url], io);
    return { code, out: io.out(), err: io.err() };
  };
  return { server, ledger, run };
}

describe("doubletake approvals", () => {
  test("list, show, approve by the beginning of the id, and a second time", async () => {
    const { server, ledger, run } = await start();
    expect(await run(["list"])).toMatchObject({
      code: 0,
      err: "",
      out: expect.stringMatching(/^3f9c2b7a +orders/m),
    });
    expect((await run(["show", "3f9c2b7a"])).out).toContain("the plan still fits");

    const approved = await run(["approve", "3f9c2b", "--yes", "--format", "json"]);
    expect(approved).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(approved.out)).toMatchObject({ kind: "approved", missing: 0 });
    expect(await ledger.get(WAITING.id)).toMatchObject({
      status: "approved",
      decisions: [{ approver: `iam:arn:aws:iam::${ACCOUNT_ID}:user/simulated`, verdict: "approve" }],
    });

    const repeated = await run(["approve", WAITING.id, "--yes"]);
    expect(repeated.code).toBe(1);
    expect(repeated.out).toContain("Already decided: approved by iam:");
    expect(Object.keys(server.requests()).sort()).toEqual(["lambda:Invoke", "sts:GetCallerIdentity"]);
  });

  test("reject, pause and resume", async () => {
    const { ledger, run } = await start();
    expect(await run(["pause"])).toMatchObject({ code: 0, err: "" });
    expect(await ledger.isPaused()).toBe(true);
    expect(await run(["resume"])).toMatchObject({ code: 0, err: "" });
    expect(await run(["reject", "3f9c2b7a", "--reason", "not now"])).toMatchObject({ code: 0, err: "" });
    expect(await ledger.get(WAITING.id)).toMatchObject({ status: "rejected" });
  });

  test("a function that fails is one sentence and exit code 3", async () => {
    const { server, run } = await start();
    server.registerFunctionHandler(FUNCTION, () =>
      Promise.reject(new ContractError("expected\nsomething else")),
    );
    expect(await run(["list"])).toEqual({
      code: 3,
      out: "",
      err: `doubletake: the function ${FUNCTION} failed with ContractError: expected\n`,
    });
  });

  test("a function that is not there is a usage error that names the option", async () => {
    const { run } = await start();
    const { code, out, err } = await run(["list"], "somewhere-else");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^doubletake: --function somewhere-else: there is no such function[^\n]*\n$/);
  });

  test("one that may not be invoked names the permission", async () => {
    const { server, run } = await start();
    server.faults.add({ kind: "access-denied", operation: "lambda:Invoke", resource: FUNCTION });
    const { code, err } = await run(["list"]);
    expect(code).toBe(2);
    expect(err).toContain("lambda:InvokeFunction is not allowed on it");
  });

  test("another function's answer is not taken for one", async () => {
    const { server, run } = await start();
    server.registerFunctionHandler("orders", async () => ({ statusCode: 200 }));
    const { code, err } = await run(["list"], "orders");
    expect(code).toBe(2);
    expect(err).toContain("--function orders: expected the answer of an approvals function");
  });
});
