import { describe, expect, test } from "@jest/globals";
import { TransientError, UnreadableError } from "../../../../core/errors.ts";
import { formEvent, urlEvent } from "../../../support/function-url.ts";
import {
  ANN,
  BOB,
  canApprove,
  canReject,
  createWorld,
  hasForm,
  headingOf,
  textOf,
} from "./approvals-world.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("a decision on the page", () => {
  test("an approval goes ahead: noted, and the workflow is told", async () => {
    const world = await createWorld();
    const page = await world.post();
    expect(page.statusCode).toBe(200);
    expect(headingOf(page)).toBe("Approved: it goes ahead");
    expect(textOf(page)).toContain("raised from 30 s to 60 s within minutes, and watched for 3 h");
    expect(hasForm(page)).toBe(false);
    expect(await world.latest()).toMatchObject({
      status: "approved",
      decisions: [{ approver: "ann@example.com", verdict: "approve", atMs: world.clock.nowMs }],
    });
    expect(world.woken).toEqual(["a-task-token"]);
    expect(await world.audit()).toEqual([
      {
        atMs: world.clock.nowMs,
        changeId: world.change.id,
        method: "POST",
        approver: "ann@example.com",
        result: "approved",
      },
    ]);
  });

  test("with a quorum of two the first one counts, and the second one goes ahead", async () => {
    const world = await createWorld({ quorum: 2 });
    const first = await world.post();
    expect(headingOf(first)).toBe("Your approval counts: 1 more needed");
    expect(textOf(first)).toContain("1 more approval is needed by 2026-11-26 17:40 UTC");
    expect(world.woken).toEqual([]);

    expect(textOf(await world.get())).toContain("1 more approval is needed");
    const forBob = await world.get(`/${BOB.linkId}`);
    expect(textOf(forBob)).toContain("1 of 2 approvals so far");
    expect(textOf(forBob)).toContain("ann@example.com approved");

    expect(headingOf(await world.post({ code: BOB.code }, BOB.linkId))).toBe("Approved: it goes ahead");
    expect(world.woken).toEqual(["a-task-token"]);
  });

  test("a rejection gives its reason back, and says until when it is quiet", async () => {
    const world = await createWorld({ quorum: 2 });
    const page = await world.post({ verdict: "reject", reason: " load test\r\nuntil Friday " });
    expect(page.statusCode).toBe(200);
    expect(headingOf(page)).toBe("Rejected: nothing is changed");
    expect(textOf(page)).toContain("Nothing is proposed for this queue until 2026-12-23.");
    expect(textOf(page)).toContain("load test until Friday");
    expect(await world.latest()).toMatchObject({ status: "rejected", decisions: [{ verdict: "reject" }] });
    expect(world.woken).toEqual(["a-task-token"]);
  });

  test("a rejection needs no readable queue, and none that still fits", async () => {
    for (const options of [
      { mappingsError: new TransientError("throttled") },
      { mapping: { batchSize: 1 } },
    ] as const) {
      const page = await (await createWorld(options)).post({ verdict: "reject", reason: "no" });
      expect(headingOf(page)).toBe("Rejected: nothing is changed");
    }
  });

  test.each([["abcd 2345"], ["abcd2345"], [" AB-CD-23-45 "]])("takes the code as typed: %s", async (code) => {
    expect(headingOf(await (await createWorld()).post({ code }))).toBe("Approved: it goes ahead");
  });

  test.each([
    { name: "plain", base64: false, type: "application/x-www-form-urlencoded" },
    { name: "base64", base64: true, type: "application/x-www-form-urlencoded" },
    { name: "with a charset", base64: true, type: "Application/X-WWW-Form-Urlencoded; charset=UTF-8" },
  ])("takes the form $name", async ({ base64, type }) => {
    const world = await createWorld();
    const fields = { plan: world.change.plan.hash, code: ANN.code, reason: "", verdict: "approve" };
    const body = new URLSearchParams(fields).toString();
    const headers = { "content-type": type };
    const page = await world.send(
      urlEvent({ method: "POST", path: `/${ANN.linkId}`, headers, body, base64 }),
    );
    expect(headingOf(page)).toBe("Approved: it goes ahead");
  });
});

describe("a form that decides nothing", () => {
  test.each([
    {
      name: "no code",
      form: { code: " - " },
      status: 400,
      heading: "The code is missing",
      text: "type the code from the mail",
      result: "code-missing",
      field: "code",
    },
    {
      name: "a no without a reason",
      form: { verdict: "reject", reason: " \r\n " },
      status: 400,
      heading: "A no needs a reason",
      text: "say in a few words why not",
      result: "reason-missing",
      field: "reason",
    },
    {
      name: "another verdict",
      form: { verdict: "perhaps" },
      status: 400,
      heading: "Approve or reject?",
      text: "press one of the two buttons",
      result: "bad-request",
    },
  ])(
    "$name → the form once more, and no try used",
    async ({ form, status, heading, text, result, field }) => {
      const world = await createWorld();
      const before = await world.state();
      const page = await world.post(form);
      expect(page.statusCode).toBe(status);
      expect(headingOf(page)).toBe(heading);
      expect(textOf(page)).toContain(text);
      expect([canApprove(page), canReject(page)]).toEqual([true, true]);
      expect(page.body.includes('role="alert"')).toBe(true);
      if (field !== undefined) {
        expect(page.body).toContain(`aria-invalid="true" aria-describedby="${field}-error ${field}-hint"`);
        expect(page.body).toContain(`id="${field}-error"`);
      }
      expect(await world.state()).toBe(before);
      expect((await world.audit()).map((row) => row.result)).toEqual([result]);
    },
  );

  test("two verdicts are none", async () => {
    const world = await createWorld();
    const body = `plan=${world.change.plan.hash}&code=${ANN.code}&verdict=approve&verdict=reject`;
    const page = await world.send(urlEvent({ method: "POST", path: `/${ANN.linkId}`, headers: FORM, body }));
    expect(headingOf(page)).toBe("Approve or reject?");
  });

  test("a wrong code counts a try, and gives back the reason but not the code", async () => {
    const world = await createWorld();
    const page = await world.post({ code: "WRONG234", reason: "not <now>" });
    expect(page.statusCode).toBe(403);
    expect(headingOf(page)).toBe("That is not the code");
    expect(textOf(page)).toContain("4 tries are left");
    expect(page.body).toContain("not &lt;now&gt;</textarea>");
    expect(page.body).not.toContain("WRONG234");
    expect(canApprove(page)).toBe(true);
  });

  test("after five wrong codes nothing can be decided with the link, not even with the right one", async () => {
    const world = await createWorld();
    const answers = [];
    for (let tries = 0; tries < 5; tries += 1) answers.push(await world.post({ code: "WRONG" }));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403, 403]);
    expect(answers.map(hasForm)).toEqual([true, true, true, true, false]);
    const page = await world.post();
    expect(page.statusCode).toBe(429);
    expect(headingOf(page)).toBe("Too many codes were tried");
    expect(textOf(page)).toContain("Another approver can decide, or you with AWS credentials");
    expect(hasForm(page)).toBe(false);
    expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
    expect((await world.audit()).map(({ result }) => result)).toEqual([
      ...new Array(5).fill("wrong-code"),
      "too-many-tries",
    ]);
  });

  test.each([["PUT"], ["DELETE"], ["OPTIONS"], ["PATCH"]])("%s is not allowed", async (method) => {
    const world = await createWorld();
    const page = await world.send(urlEvent({ method, path: `/${ANN.linkId}` }));
    expect(page.statusCode).toBe(405);
    expect(page.headers["allow"]).toBe("GET, HEAD, POST");
    expect((await world.audit()).map(({ result }) => result)).toEqual(["method-not-allowed"]);
  });

  test.each([
    {
      name: "more than 8 KB",
      body: `code=${"x".repeat(9000)}`,
      headers: FORM,
      status: 413,
      result: "too-large",
    },
    {
      name: "JSON",
      body: "{}",
      headers: { "content-type": "application/json" },
      status: 415,
      result: "unsupported-type",
    },
    {
      name: "a file upload",
      body: "",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      status: 415,
      result: "unsupported-type",
    },
    { name: "no type", body: "code=x", headers: {}, status: 415, result: "unsupported-type" },
  ])("$name → $status", async ({ body, headers, status, result }) => {
    const world = await createWorld();
    const before = await world.state();
    for (const base64 of [false, true]) {
      const event = urlEvent({ method: "POST", path: `/${ANN.linkId}`, headers, body, base64 });
      expect((await world.send(event)).statusCode).toBe(status);
    }
    expect(await world.state()).toBe(before);
    expect((await world.audit()).map((row) => row.result)).toEqual([result, result]);
  });
});

describe("I3: only what was shown can be approved", () => {
  test("what has changed since is refused and shown", async () => {
    const world = await createWorld({ mapping: { batchSize: 1 } });
    const page = await world.post();
    expect(page.statusCode).toBe(409);
    expect(headingOf(page)).toBe("Not approved: things have changed");
    expect(textOf(page)).toContain("batch size of orders-worker 10 1");
    expect([canApprove(page), canReject(page)]).toEqual([false, true]);
    expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
    expect(world.woken).toEqual([]);
    expect((await world.audit()).map(({ result }) => result)).toEqual(["changed"]);
  });

  test("a form of another plan is refused, and the plan shown again", async () => {
    const world = await createWorld();
    for (const plan of ["f".repeat(64), ""]) {
      const page = await world.post({ plan });
      expect(page.statusCode).toBe(409);
      expect(headingOf(page)).toBe("Not approved: this is another plan");
      expect(canApprove(page)).toBe(true);
    }
    expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
    expect((await world.audit()).map(({ result }) => result)).toEqual(["changed", "changed"]);
  });

  test("what cannot be read cannot be approved", async () => {
    const world = await createWorld({ queue: new UnreadableError("orders", "denied") });
    const page = await world.post();
    expect(page.statusCode).toBe(409);
    expect(headingOf(page)).toBe("Not approved: the queue cannot be read");
    expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
    expect((await world.audit()).map(({ result }) => result)).toEqual(["unreadable"]);
  });

  test("while Doubletake is paused: neither offered nor taken, and said so", async () => {
    const world = await createWorld({ ledger: () => ({ isPaused: async () => true }) });
    const shown = await world.get();
    expect(shown.statusCode).toBe(200);
    expect(shown.body).toContain("Doubletake is paused");
    expect(shown.body).not.toContain('value="approve"');
    const sent = await world.post();
    expect(sent.statusCode).toBe(409);
    expect(sent.body).toContain("Not approved: Doubletake is paused");
    expect((await world.audit()).map(({ result }) => result)).toEqual(["paused", "paused"]);
  });

  test("the last try that ends so leaves no form", async () => {
    const world = await createWorld({ mapping: { batchSize: 1 } });
    const pages = [];
    for (let tries = 0; tries < 5; tries += 1) pages.push(await world.post());
    expect(pages.map(hasForm)).toEqual([true, true, true, true, false]);
  });
});

describe("I5: a decision counts once", () => {
  test("sent again, it changes nothing and says so", async () => {
    const world = await createWorld({ quorum: 2 });
    await world.post();
    const before = await world.state();
    const again = await world.post({ verdict: "reject", reason: "I have changed my mind" });
    expect(headingOf(again)).toBe("Already decided");
    expect(textOf(again)).toContain("ann@example.com approved");
    expect(await world.state()).toBe(before);
  });

  test("sent twice at the same time, it is noted once", async () => {
    const world = await createWorld({ quorum: 2 });
    const pages = await Promise.all([world.post(), world.post(), world.post()]);
    expect(pages.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect((await world.latest())?.decisions).toHaveLength(1);
  });

  test("a yes and a no at the same time: one of them counts", async () => {
    const world = await createWorld();
    await Promise.all([
      world.post(),
      world.post({ verdict: "reject", reason: "no", code: BOB.code }, BOB.linkId),
    ]);
    const change = await world.latest();
    expect(change?.decisions).toHaveLength(1);
    expect(change?.status).toBe(change?.decisions[0]?.verdict === "approve" ? "approved" : "rejected");
  });

  test("another approver's code is a wrong one", async () => {
    const world = await createWorld();
    expect((await world.post({ code: BOB.code })).statusCode).toBe(403);
    expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
  });

  test("too late is too late, with the right code too", async () => {
    const world = await createWorld();
    world.clock.nowMs += 72 * 3_600_000;
    const before = await world.state();
    expect((await world.post()).statusCode).toBe(410);
    expect(await world.state()).toBe(before);
  });

  test("a made-up link is unknown, whatever is sent", async () => {
    const world = await createWorld();
    const before = await world.state();
    const page = await world.send(formEvent(`/${"z".repeat(43)}`, { code: ANN.code, verdict: "approve" }));
    expect(page.statusCode).toBe(404);
    expect(await world.state()).toBe(before);
  });
});

describe("when something is down", () => {
  test("a decision stands where the workflow could not be told", async () => {
    const callbacks = { wake: () => Promise.reject(new TransientError("throttled")) };
    const world = await createWorld({ callbacks });
    expect(headingOf(await world.post())).toBe("Approved: it goes ahead");
    expect(await world.latest()).toMatchObject({ status: "approved" });
  });

  test("a decision stands where its audit row could not be written", async () => {
    const audit = () => Promise.reject(new TransientError("throttled"));
    const world = await createWorld({ ledger: () => ({ audit }) });
    expect(headingOf(await world.post())).toBe("Approved: it goes ahead");
    expect(await world.latest()).toMatchObject({ status: "approved" });
  });

  test.each([
    ["the ledger is", new TransientError("table arn:secret-table is throttled")],
    ["there is a bug", new TypeError("cannot read arn:secret-table of undefined")],
  ])("%s: asks to come back, tells nothing, and leaves a row", async (_, error) => {
    const world = await createWorld({ ledger: () => ({ getLink: () => Promise.reject(error) }) });
    for (const page of [await world.get(), await world.post()]) {
      expect(page.statusCode).toBe(503);
      expect(headingOf(page)).toBe("Not available just now");
      expect(page.body).not.toContain("secret-table");
    }
    expect((await world.audit()).map(({ result }) => result)).toEqual(["unavailable", "unavailable"]);
  });

  test("the page answers shortly before Lambda would end it", async () => {
    const world = await createWorld({ ledger: () => ({ getLink: () => new Promise(() => {}) }) });
    const page = await world.send(urlEvent({ path: `/${ANN.linkId}` }), 1000);
    expect(page.statusCode).toBe(503);
  });
});
