import { describe, expect, test } from "@jest/globals";
import { createMemoryChangeLedger } from "../../../aws/memory-change-ledger.ts";
import type { ApprovalsRequest } from "../../../cli/approvals-request.ts";
import { runApprovals } from "../../../cli/approvals-run.ts";
import { UnreadableError } from "../../../core/errors.ts";
import {
  ApprovalAnswer,
  type ApprovalCommand,
  ChangeSummary,
} from "../../../core/model/approval-commands.ts";
import type { Change } from "../../../core/model/change.ts";
import { ChangeSettings } from "../../../core/model/change-settings.ts";
import type { QueueSettings } from "../../../core/model/delivery-path.ts";
import { answerCommand } from "../../../core/remediate/answer-command.ts";
import { change, planInputs } from "../../support/changes.ts";
import { type FakeIoOptions, fakeIo } from "../../support/fake-io.ts";
import { finding } from "../../support/findings.ts";
import {
  consumer,
  functionArn,
  mapping,
  queueArn,
  queueSettings,
  SETTINGS,
} from "../../support/scan-fakes.ts";

const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const HOUR_MS = 3_600_000;
const ME = "arn:aws:sts::123456789012:assumed-role/ops/me";
const APPROVAL = {
  askedMs: NOW_MS - HOUR_MS,
  expiresMs: NOW_MS + 71 * HOUR_MS,
  quorum: 1,
  approvers: ["ann@example.com"],
};
const TERMINAL = { isTerminal: true, isErrorTerminal: true, env: { NO_COLOR: "1" } };

const waiting = (more: Partial<Change> = {}): Change =>
  change({ status: "waiting", approval: APPROVAL, ...more });

/** As the plans of test/support/changes.ts were made from it. */
const AS_PROPOSED: Partial<QueueSettings> = {
  visibilityTimeoutSeconds: 30,
  redrive: { deadLetterTargetArn: queueArn("orders-dlq"), maxReceiveCount: 5 },
};

interface World {
  readonly changes?: readonly Change[];
  readonly paused?: boolean;
  /** What differs from the queue as it was, each time it is read; an Error is thrown. */
  readonly queue?: (asked: ApprovalCommand["action"]) => Partial<QueueSettings> | Error;
}

/** The approvals function behind the command line, with a memory ledger: only Lambda is left out. */
async function start(world: World = {}) {
  const ledger = createMemoryChangeLedger();
  for (const each of world.changes ?? [waiting()]) await ledger.open(each);
  await ledger.setPaused(world.paused ?? false);
  const commands: ApprovalCommand[] = [];
  const woken: string[] = [];
  const ports = {
    changes: ledger,
    mappings: {
      listQueueMappings: async () => [mapping("orders", "orders-worker")],
      describeFunction: async () => consumer("orders-worker"),
    },
    queues: {
      describeQueue: async () => {
        const now = world.queue?.(commands.at(-1)?.action ?? "list") ?? {};
        if (now instanceof Error) throw now;
        return queueSettings("orders", { ...AS_PROPOSED, ...now });
      },
      sampleReceiveCounts: () => Promise.reject(new Error("nobody samples here")),
    },
    callbacks: {
      wake: async (token: string) => {
        woken.push(token);
        return "told" as const;
      },
    },
    nowMs: () => NOW_MS,
  };
  const settings = { scan: SETTINGS, change: ChangeSettings.parse({}) };
  const client = {
    ask: async (command: ApprovalCommand) => {
      commands.push(command);
      return ApprovalAnswer.parse(await answerCommand(ports, settings, command));
    },
    principal: async () => ME,
  };

  async function run(
    task: ApprovalsRequest["task"],
    options: FakeIoOptions & { readonly format?: "table" | "json" } = {},
  ) {
    const { format = "table", ...more } = options;
    const io = fakeIo({ nowMs: () => NOW_MS, ...more });
    const code = await runApprovals({ task, format }, client, io);
    return { code, out: io.out(), err: io.err() };
  }

  return { run, ledger, commands, woken };
}

const APPROVE = { verb: "approve", change: "change-orders", yes: false } as const;
const YES = { ...APPROVE, yes: true } as const;
const REJECT = { verb: "reject", change: "change-orders", reason: "we shorten the function" } as const;
const LIST = { verb: "list", all: false } as const;
const SHOW = { verb: "show", change: "change-orders" } as const;

/** Lines of prose as they were before they were broken. */
const unwrapped = (text: string): string => text.replace(/\n +/g, " ");

const decisionsIn = async ({ ledger }: Awaited<ReturnType<typeof start>>) =>
  (await ledger.get("change-orders"))?.decisions;

describe("approve", () => {
  test("shows the plan, asks for the queue's name, and sends the hash that was shown", async () => {
    const world = await start();
    const { code, out, err } = await world.run(APPROVE, { ...TERMINAL, stdin: "orders\n" });
    expect(code).toBe(0);
    expect(out).toContain("orders: visibility timeout 30 s → 60 s");
    expect(out).toContain("the plan still fits");
    expect(out.split("\n\n").at(-1)).toMatch(/^Approved: it goes ahead\./);
    expect(err).toBe("Type the name of the queue to approve: ");
    expect(world.commands.map(({ action }) => action)).toEqual(["list", "show", "approve"]);
    expect(world.commands.at(-1)).toEqual({
      action: "approve",
      changeId: "change-orders",
      principal: ME,
      planHash: waiting().plan.hash,
    });
    expect(await decisionsIn(world)).toEqual([{ approver: `iam:${ME}`, verdict: "approve", atMs: NOW_MS }]);
  });

  test.each([
    { name: "another name", stdin: "invoices\n" },
    { name: "a yes", stdin: "y\n" },
    { name: "an empty line", stdin: "\norders\n" },
    { name: "the end of the input", stdin: "" },
    { name: "an endless line", stdin: `${"x".repeat(5000)}\n` },
    { name: "the name in capitals", stdin: "ORDERS\n" },
  ])("$name sends nothing", async ({ stdin }) => {
    const world = await start();
    const { code, err } = await world.run(APPROVE, { ...TERMINAL, stdin });
    expect(code).toBe(1);
    expect(err).toContain("nothing was approved: expected orders");
    expect(world.commands.map(({ action }) => action)).toEqual(["list", "show"]);
    expect(await decisionsIn(world)).toEqual([]);
  });

  test.each(["orders", "  orders \r\n"])("the name may be typed as %j", async (stdin) => {
    const world = await start();
    expect((await world.run(APPROVE, { ...TERMINAL, stdin })).code).toBe(0);
  });

  test("--yes asks nothing, and needs no terminal", async () => {
    const world = await start();
    const { code, out, err } = await world.run(YES);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("What changes");
    expect(out).toContain("Approved: it goes ahead.");
  });

  test.each([
    { name: "no terminal at all", isTerminal: false, isErrorTerminal: false },
    { name: "the plan goes into a file", isTerminal: false, isErrorTerminal: true },
    { name: "the question goes into a file", isTerminal: true, isErrorTerminal: false },
  ])("$name and no --yes: a usage error before anything is asked", async ({ name: _, ...more }) => {
    const world = await start();
    await expect(world.run(APPROVE, { ...more, stdin: "orders\n" })).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(/needs a terminal: give --yes/),
    });
    expect(world.commands).toEqual([]);
  });

  test("JSON is the answer alone; the question stays on stderr", async () => {
    const world = await start();
    const { code, out, err } = await world.run(APPROVE, {
      isErrorTerminal: true,
      stdin: "orders\n",
      format: "json",
    });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ kind: "approved", missing: 0, change: { status: "approved" } });
    expect(err).toBe("orders: visibility timeout 30 s → 60 s\nType the name of the queue to approve: ");
  });

  test("I3: what has changed is refused at once, with what differs", async () => {
    const world = await start({ queue: () => ({ visibilityTimeoutSeconds: 45 }) });
    const { code, out, err } = await world.run(YES);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toContain("Nothing can be approved: the plan no longer fits.");
    expect(out).toContain("- visibility timeout: was 30 s, is 45 s");
    expect(out).toMatch(/Nothing was decided\.\n$/);
    expect(world.commands.map(({ action }) => action)).toEqual(["list", "show"]);
    const json = await world.run(YES, { format: "json" });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ kind: "changed", now: { kind: "changed" } });
  });

  test("I8: what cannot be read is refused at once", async () => {
    const world = await start({ queue: () => new UnreadableError(queueArn("orders"), "access denied") });
    const { code, out } = await world.run(YES);
    expect(code).toBe(1);
    expect(out).toContain(
      "Nothing can be approved: it cannot be read whether the plan still fits: access denied.",
    );
    expect(world.commands.map(({ action }) => action)).toEqual(["list", "show"]);
  });

  test("I3: a change between the look and the yes decides nothing either, and says what differs", async () => {
    const world = await start({
      queue: (asked) => (asked === "approve" ? { visibilityTimeoutSeconds: 45 } : {}),
    });
    const { code, out } = await world.run(YES);
    expect(code).toBe(1);
    expect(out).toContain("the plan still fits");
    expect(out).toMatch(/- visibility timeout: was 30 s, is 45 s\n$/);
    expect(await decisionsIn(world)).toEqual([]);
  });

  test("a second approver is still needed", async () => {
    const world = await start({ changes: [waiting({ approval: { ...APPROVAL, quorum: 2 } })] });
    const { code, out } = await world.run(YES);
    expect(code).toBe(0);
    expect(out).toContain("Approved: 1 more approval is needed until 2026-11-26 17:00 UTC.");
  });

  test("I5: a repeat is told that it was decided, by whom and when", async () => {
    const world = await start();
    await world.ledger.addTaskToken("change-orders", "token");
    expect((await world.run(YES)).code).toBe(0);
    const { code, out } = await world.run(APPROVE, TERMINAL);
    expect(code).toBe(1);
    expect(unwrapped(out)).toContain(
      `Already decided: approved by iam:${ME} on 2026-11-23 18:00 UTC. This changes nothing.`,
    );
    // The repeat helps a workflow that was not told the first time.
    expect(world.woken).toEqual(["token", "token"]);
    expect(await decisionsIn(world)).toHaveLength(1);
  });

  test("nobody was asked yet: nothing is sent, even when people are asked in the next moment", async () => {
    const world = await start({ changes: [change()] });
    const { code, out } = await world.run(YES);
    expect(code).toBe(1);
    expect(out).toContain("Nothing to decide: nobody was asked yet.");
    expect(world.commands.map(({ action }) => action)).toEqual(["list", "show"]);
  });

  test("while everything is paused nothing can be approved, and it says what ends that", async () => {
    const world = await start({ paused: true });
    const { code, out } = await world.run(APPROVE, { ...TERMINAL, stdin: "no\n" });
    expect(code).toBe(1);
    expect(out).toContain(
      'Nothing can be approved while Doubletake is paused: "doubletake approvals resume"',
    );
  });
});

describe("reject", () => {
  test("sends the reason and says what it means", async () => {
    const world = await start();
    const { code, out, err } = await world.run(REJECT);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Rejected: nothing is changed on orders/);
    expect(await decisionsIn(world)).toEqual([
      { approver: `iam:${ME}`, verdict: "reject", reason: "we shorten the function", atMs: NOW_MS },
    ]);
  });

  test.each([
    {
      name: "expired",
      given: waiting({ approval: { ...APPROVAL, expiresMs: NOW_MS - 1 } }),
      words: "Expired on 2026-11-23 17:59 UTC: nothing was changed on orders.",
    },
    {
      name: "closed",
      given: waiting({
        status: "closed",
        outcome: "superseded",
        outcomeReason: "the queue is gone",
        closedMs: NOW_MS,
      }),
      words: "Nothing to decide: it was closed on 2026-11-23 18:00 UTC, superseded: the queue is gone.",
    },
    {
      name: "applied without asking",
      given: change({ mode: "auto", status: "applying" }),
      words: "Nothing to decide: it is being applied.",
    },
    {
      name: "rejected by somebody",
      given: waiting({
        status: "rejected",
        decisions: [{ approver: "ann@example.com", verdict: "reject", reason: "no", atMs: NOW_MS }],
      }),
      words: "Already decided: rejected by ann@example.com on 2026-11-23 18:00 UTC: no.",
    },
  ])("$name → exit code 1 and the reason why", async ({ given, words }) => {
    const world = await start({ changes: [given] });
    const { code, out, err } = await world.run(REJECT);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(unwrapped(out)).toContain(words);
    expect(await decisionsIn(world)).toEqual(given.decisions);
  });
});

describe("a change that is not there", () => {
  test.each([SHOW, YES, REJECT])("$verb → one sentence", async (task) => {
    const world = await start();
    await expect(world.run({ ...task, change: "feedface" })).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining('there is no change "feedface"'),
    });
    expect(world.commands.map(({ action }) => action)).toEqual(["list"]);
  });

  test("gone between list and decision → exit code 1", async () => {
    const io = fakeIo();
    const client = {
      ask: async ({ action }: ApprovalCommand): Promise<ApprovalAnswer> =>
        action === "list" ? { kind: "list", changes: [waiting()], paused: false } : { kind: "unknown" },
      principal: async () => ME,
    };
    expect(await runApprovals({ task: YES, format: "table" }, client, io)).toBe(1);
    expect(io.out()).toBe("There is no such change any more.\n");
  });
});

describe("pause and resume", () => {
  test("pause says what it means, and the list says so until it ends", async () => {
    const world = await start();
    expect((await world.run({ verb: "pause" })).out).toMatch(/^PAUSED: nothing is proposed/);
    expect(await world.ledger.isPaused()).toBe(true);
    expect((await world.run(LIST)).out).toMatch(/^PAUSED: nothing is proposed/);
    expect(await world.run({ verb: "resume" })).toEqual({
      code: 0,
      out: "Resumed: changes are proposed and applied again.\n",
      err: "",
    });
    expect((await world.run(LIST)).out).not.toContain("PAUSED");
    expect(world.commands).toContainEqual({ action: "pause", principal: ME });
  });
});

describe("list", () => {
  const closed = (index: number): Change =>
    change({
      id: `closed${String(index).padStart(2, "0")}-20261120T180000Z`,
      queueName: `queue-${index}`,
      queueArn: queueArn(`queue-${index}`),
      status: "closed",
      outcome: "better",
      closedMs: NOW_MS - index * HOUR_MS,
      approval: APPROVAL,
      decisions: [{ approver: "ann@example.com", verdict: "approve", atMs: NOW_MS - 100 * HOUR_MS }],
    });
  const many = [...Array.from({ length: 25 }, (_, index) => closed(index)), waiting({ createdMs: 0 })];

  test("the open ones first, then the latest 20, aligned", async () => {
    const world = await start({ changes: many });
    const { code, out } = await world.run(LIST, { columns: 140 });
    expect(code).toBe(0);
    const [headline, table = "", rest] = out.split("\n\n");
    expect(headline).toBe("1 open change, 1 waits for a decision.");
    expect(rest).toBe("and 5 older changes: --all\n");
    const [title = "", ...rows] = table.split("\n");
    expect(title).toMatch(/^ID +QUEUE +TIMEOUT +STATUS +ASKED \(UTC\) +ENDS \(UTC\) +APPROVED$/);
    expect(rows).toHaveLength(21);
    expect(rows[0]).toMatch(
      /^change-o +orders +30 → 60 s +waiting +2026-11-23 17:00 +expires 2026-11-26 17:00 +0 of 1$/,
    );
    expect(rows[1]).toMatch(
      /^closed00 +queue-0 +30 → 60 s +better +2026-11-23 17:00 +closed 2026-11-23 18:00 +1 of 1$/,
    );
    expect(rows[20]).toContain("queue-19");
    for (const row of rows) expect(row.indexOf("→")).toBe((rows[0] ?? "").indexOf("→"));
  });

  test("--all lists every one", async () => {
    const world = await start({ changes: many });
    const { out } = await world.run({ verb: "list", all: true }, { columns: 140 });
    expect(out.split("\n").filter((line) => /^c(losed|hange-)/.test(line))).toHaveLength(26);
    expect(out).not.toContain("--all");
  });

  test.each([120, 100, 80, 60])("no line is wider than a terminal of %d columns", async (columns) => {
    const queueName = "a-queue-whose-name-is-as-long-as-names-of-queues-may-be-which-is-eighty-characters";
    const world = await start({ changes: [waiting({ queueName }), closed(1)], paused: true });
    const { out } = await world.run(LIST, { columns });
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(out).toContain("waiting");
  });

  test("nothing yet", async () => {
    const world = await start({ changes: [] });
    expect((await world.run(LIST)).out).toBe("No open change.\n");
  });

  test("JSON is the answer as it came", async () => {
    const world = await start();
    const { code, out } = await world.run(LIST, { format: "json" });
    expect(code).toBe(0);
    expect(ApprovalAnswer.parse(JSON.parse(out))).toEqual({
      kind: "list",
      changes: ChangeSummary.array().parse(await world.ledger.list()),
      paused: false,
    });
  });
});

describe("show", () => {
  const delivery = {
    functionArn: functionArn("orders-worker"),
    outcome: "success" as const,
    receiveCount: null,
  };
  const PROVEN = waiting({
    finding: finding("orders", {
      owner: { stackName: "shop", logicalId: "OrdersQueue" },
      examples: [
        {
          messageId: "message-1",
          deliveries: [
            {
              ...delivery,
              requestId: "request-a",
              startedAt: "2026-11-23T15:00:00.000Z",
              endedAt: "2026-11-23T15:00:45.000Z",
            },
            {
              ...delivery,
              requestId: "request-b",
              startedAt: "2026-11-23T15:00:30.000Z",
              endedAt: "2026-11-23T15:01:15.000Z",
            },
          ],
        },
      ],
    }),
  });

  test("the plan, the proof, the price and the way back, and nothing is decided", async () => {
    const world = await start({ changes: [PROVEN] });
    const { code, out, err } = await world.run(SHOW);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const words of [
      "It waits for a decision until 2026-11-26 17:00 UTC; 1 more approval is needed.",
      "Read again just now: the plan still fits",
      `Queue     ${queueArn("orders")}`,
      `Function  ${functionArn("orders-worker")}`,
      "Owner     CloudFormation stack shop, logical id OrdersQueue",
      "Proposed  VisibilityTimeout 30 → 60, and nothing else",
      "Why       AWS's advice, 6 x function timeout + batching window",
      "processed twice, the visibility timeout ends too early (proven).",
      "The function of orders ran for 45 s.",
      "orders-worker, 15:00:00.000 to 15:00:45.000 UTC, success",
      "request request-b",
      "Both were at work for 15 s.",
      "- a retry waits longer than 2 min",
      "- expires on 2026-11-26 17:00 UTC",
      "- approvals: 0 of 1",
    ]) {
      expect(unwrapped(out)).toContain(words);
    }
    expect(out).toMatch(/^ {2}a failed message waits for its retry +30 s +60 s$/m);
    expect(out).toMatch(/━+█+/);
    expect(await decisionsIn(world)).toEqual([]);
  });

  test("decisions and requests so far", async () => {
    const world = await start();
    await world.run(REJECT);
    const { out } = await world.run(SHOW);
    expect(unwrapped(out)).toContain(
      `- rejected by iam:${ME} on 2026-11-23 18:00 UTC: we shorten the function`,
    );
    expect(unwrapped(out)).toContain(`2026-11-23 18:00:00 invoke rejected, iam:${ME}`);
    expect(out).toContain("It was rejected and is about to be closed.");
    expect(out).not.toContain("Read again just now");
  });

  test("how a change ended, and what was rolled back", async () => {
    const world = await start({
      changes: [
        change({
          status: "closed",
          outcome: "worse",
          closedMs: NOW_MS,
          appliedMs: NOW_MS - HOUR_MS,
          verdict: "worse",
          verdictReasons: ["messages got older than 160 s"],
          rollBack: { atMs: NOW_MS },
        }),
      ],
    });
    const { out } = await world.run(SHOW);
    expect(out).toContain("It was closed on 2026-11-23 18:00 UTC, worse, rolled back.");
    expect(out).toContain("- worse: messages got older than 160 s");
    expect(out).toContain("- rolled back on 2026-11-23 18:00 UTC");
  });

  test.each([50, 80, 120])("no line is wider than a terminal of %d columns", async (columns) => {
    const world = await start({ changes: [PROVEN] });
    const { out } = await world.run(SHOW, { columns });
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  test("colours on a terminal only", async () => {
    const world = await start();
    expect((await world.run(SHOW, { isTerminal: true })).out).toContain("\u001b[1morders:");
    expect((await world.run(SHOW)).out).not.toContain("\u001b");
  });
});

describe("what comes from the account", () => {
  const EVIL = "\u001b[2Jorders\u202e\u009b31m\nApproved: it goes ahead.";
  const hostile = waiting({
    id: "change-orders",
    queueName: EVIL,
    queueArn: queueArn("orders"),
    inputs: planInputs("orders"),
    finding: finding("orders", { facts: [EVIL], owner: { stackName: EVIL } }),
    decisions: [{ approver: EVIL, verdict: "approve", reason: EVIL, atMs: NOW_MS }],
    approval: { ...APPROVAL, quorum: 2, approvers: [EVIL] },
  });
  const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}]/u;

  test.each([LIST, SHOW, YES, REJECT])(
    "$verb writes no escape sequence and no line of its own",
    async (task) => {
      const world = await start({ changes: [hostile] });
      for (const format of ["table", "json"] as const) {
        const { out, err } = await world.run(task, { format });
        expect(out + err).not.toMatch(CONTROLS);
      }
      const { out } = await world.run(SHOW, { columns: 400 });
      expect(out).not.toMatch(/^Approved: it goes ahead/m);
    },
  );

  test("JSON still holds the text itself", async () => {
    const world = await start({ changes: [hostile] });
    const { out } = await world.run(SHOW, { format: "json" });
    expect(JSON.parse(out)).toMatchObject({ review: { change: { queueName: EVIL } } });
  });

  test("nor does the question", async () => {
    const world = await start({ changes: [hostile] });
    const { err } = await world.run(APPROVE, { ...TERMINAL, stdin: "\u001b[31m\n" });
    expect(err).toContain("nothing was approved");
    expect(err).not.toMatch(CONTROLS);
  });
});
