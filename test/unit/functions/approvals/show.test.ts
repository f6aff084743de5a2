import { describe, expect, test } from "@jest/globals";
import { TransientError, UnreadableError } from "../../../../core/errors.ts";
import { finding } from "../../../support/findings.ts";
import { formEvent, urlEvent } from "../../../support/function-url.ts";
import { functionArn } from "../../../support/scan-fakes.ts";
import {
  ANN,
  ASKED_MS,
  BOB,
  canApprove,
  canReject,
  createWorld,
  EXPIRES_MS,
  hasForm,
  headingOf,
  textOf,
} from "./approvals-world.ts";

const found = finding("orders", {
  owner: { stackName: "orders-stack", logicalId: "OrdersQueue" },
  examples: [
    {
      messageId: "message-1",
      deliveries: [
        {
          requestId: "request-1",
          functionArn: functionArn("orders-worker"),
          startedAt: "2026-11-23T15:00:00.000Z",
          endedAt: "2026-11-23T15:00:40.000Z",
          outcome: "success",
          receiveCount: 1,
        },
        {
          requestId: "request-2",
          functionArn: functionArn("orders-worker"),
          startedAt: "2026-11-23T15:00:30.000Z",
          endedAt: "2026-11-23T15:01:00.000Z",
          outcome: "success",
          receiveCount: 2,
        },
      ],
    },
  ],
  advice: [
    {
      kind: "raise-visibility-timeout",
      summary: "Raise it.",
      patch: { cloudformation: "VisibilityTimeout: 60", terraform: "visibility_timeout_seconds = 60" },
    },
  ],
});

describe("the approval page", () => {
  test("shows all that is needed to decide", async () => {
    const world = await createWorld({ change: { finding: found }, quorum: 2 });
    const page = await world.get();
    expect(page.statusCode).toBe(200);
    expect(headingOf(page)).toBe("Raise the visibility timeout of orders?");
    const text = textOf(page);
    for (const words of [
      "30 s → becomes 60 s",
      "expires on 2026-11-26 17:40 UTC , in 2 d 23 h",
      "arn:aws:sqs:eu-west-1:123456789012:orders",
      "arn:aws:lambda:eu-west-1:123456789012:function:orders-worker",
      "CloudFormation stack orders-stack, logical id OrdersQueue",
      "AWS&#39;s advice, 6 x function timeout + batching window",
      "Processed twice, the visibility timeout ends too early (proven)",
      "The function of orders ran for 45 s.",
      "15:00:00.000 to 15:00:40.000 UTC: orders-worker, success request request-1",
      "15:00:30.000 to 15:01:00.000 UTC: orders-worker, success request request-2",
      "Both were at work for 10 s.",
      "duplicates for 100 messages 3.1 0",
      "until it is in the dead-letter queue 2 min 30 s 5 min",
      "a retry waits longer than 2 min",
      "CloudFormation or SAM VisibilityTimeout: 60",
      "Terraform visibility_timeout_seconds = 60",
      "You decide as ann@example.com. 0 of 2 approvals so far",
      "nothing is proposed for this queue for 30 days",
    ]) {
      expect(text).toContain(words);
    }
    expect([canApprove(page), canReject(page)]).toEqual([true, true]);
    expect(page.body).toContain(`name="plan" value="${world.change.plan.hash}"`);
  });

  test("draws no time line where a time is not known", async () => {
    const [example] = found.examples;
    const deliveries = (example?.deliveries ?? []).map((one) => ({ ...one, endedAt: null }));
    const examples = [{ messageId: "message-1", deliveries }];
    const page = await (await createWorld({ change: { finding: { ...found, examples } } })).get();
    expect(page.body).not.toContain("<svg");
    expect(textOf(page)).toContain("15:00:00.000 to ? UTC");
  });

  test("has one heading of the first level, a language, a main part and a label for each field", async () => {
    const { body } = await (await createWorld({ change: { finding: found } })).get();
    expect(body.match(/<h1>/g)).toHaveLength(1);
    expect(body).toContain('<html lang="en">');
    expect(body).toContain("<main>");
    expect(body).toContain('name="viewport"');
    for (const field of ["code", "reason"]) {
      expect(body).toContain(`<label for="${field}">`);
      expect(body).toContain(`aria-describedby="${field}-hint"`);
    }
    expect(body).toContain("<caption>");
    expect(body).not.toMatch(/<script|javascript:|\son[a-z]+=|\sstyle=|src=|https?:/);
  });

  test("lets the Enter key decide nothing: the form's first button is disabled", async () => {
    const { body } = await (await createWorld()).get();
    const [first] = body.match(/<button[^>]*>/g) ?? [];
    expect(first).toContain("disabled");
  });

  test("tolerates a slash at the end", async () => {
    const page = await (await createWorld()).get(`/${ANN.linkId}/`);
    expect(headingOf(page)).toBe("Raise the visibility timeout of orders?");
  });

  test("marks what is different now, and offers no approval", async () => {
    const world = await createWorld({ mapping: { maximumBatchingWindowSeconds: 5 } });
    const page = await world.get();
    expect(page.statusCode).toBe(200);
    expect(textOf(page)).toContain("proposed visibility timeout 60 s 65 s");
    expect(textOf(page)).toContain("batching window of orders-worker 0 s 5 s");
    expect([canApprove(page), canReject(page)]).toEqual([false, true]);
    expect((await world.audit()).map(({ result }) => result)).toEqual(["changed"]);
  });

  test("says why where the queue may not be changed any more", async () => {
    const page = await (await createWorld({ queue: { tags: { "doubletake:mode": "observe" } } })).get();
    expect(textOf(page)).toContain("its tag doubletake:mode says observe");
    expect([canApprove(page), canReject(page)]).toEqual([false, true]);
  });

  test.each([
    {
      what: "the queue",
      options: { queue: new UnreadableError("arn:secret-role", "denied to arn:secret-role") },
    },
    { what: "any mapping", options: { mappingsError: new TransientError("throttled arn:secret-role") } },
  ])("offers a no alone while $what cannot be read, and tells nothing of the reason", async ({ options }) => {
    const world = await createWorld(options);
    const page = await world.get();
    expect(page.statusCode).toBe(200);
    expect(textOf(page)).toContain("This cannot be approved just now.");
    expect(page.body).not.toContain("secret-role");
    expect([canApprove(page), canReject(page)]).toEqual([false, true]);
    expect((await world.audit()).map(({ result }) => result)).toEqual(["unreadable"]);
  });

  test("shows the plan without a form once all tries of the link are used up", async () => {
    const world = await createWorld();
    for (let tries = 0; tries < 5; tries += 1) await world.post({ code: "WRONG" });
    const page = await world.get();
    expect(page.statusCode).toBe(200);
    expect(hasForm(page)).toBe(false);
    expect(textOf(page)).toContain("This link takes no more codes");
    expect(hasForm(await world.get(`/${BOB.linkId}`))).toBe(true);
  });

  test.each([
    ["/"],
    ["/favicon.ico"],
    [`/${"z".repeat(43)}`],
    [`/${"z".repeat(42)}`],
    [`/${ANN.linkId}x`],
    [`/${ANN.linkId}/more`],
    [`/${"!".repeat(43)}`],
    [`//${ANN.linkId}`],
  ])("gives one and the same answer to whatever is no link: %s", async (path) => {
    const world = await createWorld();
    const page = await world.get(path);
    expect(page).toEqual(await world.get("/unknown"));
    expect(page.statusCode).toBe(404);
    expect(headingOf(page)).toBe("Unknown link");
    expect(await world.audit()).toContainEqual({
      atMs: ASKED_MS + 3_600_000,
      method: "GET",
      result: "unknown-link",
    });
  });
});

describe("once nothing can be decided (any more)", () => {
  const decisions = [
    { approver: "bob@example.com", verdict: "reject" as const, reason: "load test", atMs: ASKED_MS },
  ];

  test.each([
    {
      name: "expired, not yet closed",
      change: {},
      nowMs: EXPIRES_MS,
      status: 410,
      heading: "This request has expired",
      text: "Nobody decided by 2026-11-26 17:40 UTC. Nothing was changed.",
      result: "expired",
    },
    {
      name: "expired and closed",
      change: { status: "closed", outcome: "expired" } as const,
      status: 410,
      heading: "This request has expired",
      text: "Nothing was changed.",
      result: "expired",
    },
    {
      name: "rejected by somebody else",
      change: { status: "rejected", decisions } as const,
      status: 200,
      heading: "Already decided",
      text: "bob@example.com rejected, 2026-11-23 17:40 UTC load test",
      result: "already-decided",
    },
    {
      name: "superseded",
      change: { status: "closed", outcome: "superseded" } as const,
      status: 200,
      heading: "Nothing is left to decide",
      text: "Things had changed since it was proposed",
      result: "closed",
    },
    {
      name: "failed, without the error",
      change: {
        status: "closed",
        outcome: "failed",
        outcomeReason: "AccessDenied for arn:secret-role",
      } as const,
      status: 200,
      heading: "Nothing is left to decide",
      text: "It could not be finished: see the mail about it.",
      result: "closed",
    },
    {
      name: "never asked",
      change: { status: "proposed" } as const,
      status: 200,
      heading: "Nothing is left to decide",
      text: "Nobody is asked yet.",
      result: "closed",
    },
  ])("I5: $name → $heading, to a look and to a decision", async (row) => {
    const world = await createWorld({ change: row.change });
    world.clock.nowMs = row.nowMs ?? world.clock.nowMs;
    const before = await world.state();
    for (const page of [await world.get(), await world.post(), await world.post({ verdict: "perhaps" })]) {
      expect(page.statusCode).toBe(row.status);
      expect(headingOf(page)).toBe(row.heading);
      expect(textOf(page)).toContain(row.text);
      expect(page.body).not.toContain("secret-role");
      expect(hasForm(page)).toBe(false);
    }
    expect(await world.state()).toBe(before);
    expect((await world.audit()).map(({ method, result }) => [method, result])).toEqual([
      ["GET", row.result],
      ["POST", row.result],
      ["POST", row.result],
    ]);
  });

  test.each([
    [{ status: "approved" }, "It was approved and goes ahead."],
    [{ status: "applying" }, "The visibility timeout is being set to 60 s."],
    [{ status: "applied" }, "its effect is being watched"],
    [{ status: "confirmed" }, "its effect is being watched"],
    [{ status: "rolling-back" }, "is being set back to 30 s"],
    [{ status: "closed" }, "It is closed."],
    [{ status: "closed", outcome: "rejected" }, "It was rejected: nothing was changed."],
    [{ status: "closed", outcome: "better" }, "set to 60 s, and it helped"],
    [{ status: "closed", outcome: "unchanged" }, "no effect was seen"],
    [{ status: "closed", outcome: "not-enough-traffic" }, "too little happened to tell"],
    [{ status: "closed", outcome: "worse" }, "It did harm and was not rolled back"],
    [
      { status: "closed", outcome: "worse", rollBack: { atMs: 1, refused: "somebody changed it" } },
      "It did harm and was not rolled back",
    ],
    [{ status: "closed", outcome: "worse", rollBack: { atMs: 1 } }, "was rolled back to 30 s"],
    [{ status: "closed", outcome: "overridden" }, "somebody else has changed it since"],
  ] as const)("tells how it stands: %j", async (more, words) => {
    const approvals = [{ approver: ANN.approver, verdict: "approve" as const, atMs: ASKED_MS }];
    const page = await (await createWorld({ change: { ...more, decisions: approvals } })).get();
    expect(headingOf(page)).toBe("Already decided");
    expect(textOf(page)).toContain(words);
    expect(textOf(page)).toContain("ann@example.com approved, 2026-11-23 17:40 UTC");
  });

  test("names a principal of the command line as such", async () => {
    const atMs = ASKED_MS;
    const principal = "iam:arn:aws:iam::123456789012:user/eve";
    const decision = { approver: principal, verdict: "approve" as const, atMs };
    const page = await (await createWorld({ change: { status: "approved", decisions: [decision] } })).get();
    expect(textOf(page)).toContain("arn:aws:iam::123456789012:user/eve (command line) approved");
  });
});

describe("I5: opening the page decides nothing", () => {
  test.each([["GET"], ["HEAD"]])("%s leaves a row in the audit trail and nothing else", async (method) => {
    const world = await createWorld();
    const before = await world.state();
    for (const path of [`/${ANN.linkId}`, `/${ANN.linkId}?verdict=approve&code=${ANN.code}`]) {
      const page = await world.send(urlEvent({ method, path }));
      expect(page.statusCode).toBe(200);
    }
    const form = { plan: world.change.plan.hash, code: ANN.code, verdict: "approve" };
    await world.send({ ...formEvent(`/${ANN.linkId}`, form), requestContext: { http: { method } } });
    expect(await world.state()).toBe(before);
    expect(world.woken).toEqual([]);
    expect(await world.audit()).toEqual(
      [1, 2, 3].map(() => ({
        atMs: world.clock.nowMs,
        changeId: world.change.id,
        method,
        approver: "ann@example.com",
        result: "shown",
      })),
    );
  });

  test("HEAD has the headers of GET and no body", async () => {
    const world = await createWorld();
    const head = await world.send(urlEvent({ method: "HEAD", path: `/${ANN.linkId}` }));
    expect(head).toEqual({ ...(await world.get()), body: "" });
  });
});
