import { describe, expect, test } from "@jest/globals";
import { ApprovalAnswer } from "../../../../core/model/approval-commands.ts";
import { createWorld, headingOf } from "./approvals-world.ts";

const principal = "arn:aws:iam::123456789012:user/eve";

describe("an invocation by the command line", () => {
  test("is answered as a command", async () => {
    const world = await createWorld();
    const answer = ApprovalAnswer.parse(await world.invoke({ action: "show", changeId: world.change.id }));
    expect(answer).toMatchObject({ kind: "show", review: { now: { kind: "same" } } });
  });

  test("I5: its decision is one with the page's", async () => {
    const world = await createWorld();
    const { id, plan } = world.change;
    const answer = await world.invoke({ action: "approve", changeId: id, principal, planHash: plan.hash });
    expect(answer).toMatchObject({ kind: "approved", missing: 0 });
    expect(headingOf(await world.get())).toBe("Already decided");
    expect(headingOf(await world.post({ verdict: "reject", reason: "no" }))).toBe("Already decided");
    expect((await world.audit()).map(({ method, result }) => [method, result])).toEqual([
      ["invoke", "approved"],
      ["GET", "already-decided"],
      ["POST", "already-decided"],
    ]);
  });

  test.each([
    [undefined],
    [null],
    ["list"],
    [7],
    [[]],
    [{}],
    [{ action: "delete" }],
    [{ action: "list", more: 1 }],
    [{ action: "show" }],
    [{ action: "reject", changeId: "x", principal, reason: "" }],
    [{ action: "approve", changeId: "change-orders", principal, planHash: "x", requestContext: {} }],
    [{ action: "list", requestContext: null }],
  ])("refuses %j", async (event) => {
    const world = await createWorld();
    const before = await world.state();
    await expect(world.invoke(event)).rejects.toMatchObject({ name: "ContractError" });
    expect(await world.state()).toBe(before);
  });

  test("what came through the URL is never a command, whatever else it holds", async () => {
    const world = await createWorld();
    for (const http of [{ method: "GET" }, {}, null, "http"]) {
      const answer = await world.invoke({ action: "pause", principal, requestContext: { http } });
      expect(answer).toMatchObject({
        statusCode: expect.any(Number),
        body: expect.stringMatching(/^<!doctype/),
      });
    }
    expect(await world.ledger.isPaused()).toBe(false);
  });
});
