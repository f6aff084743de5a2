import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ChangeOutcome, Outcome } from "../../../core/model/change.ts";
import { approvalMail, consoleUrl, patchLines } from "../../../core/remediate/approval-mail.ts";
import { changedMail, outcomeMail } from "../../../core/remediate/outcome-mail.ts";
import { change, effectFigures, plan, planInputs } from "../../support/changes.ts";
import { finding } from "../../support/findings.ts";
import {
  ADDRESSES,
  approvedChange,
  closedChange,
  confirmedChange,
  letterOf,
  NOW_MS,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import { functionArn, queueArn } from "../../support/scan-fakes.ts";

const EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:remediation:change-orders";
const ASKED = {
  linkId: "LINK-ID-OF-43-CHARACTERS",
  code: "ABCD-2345",
  approver: "ann@example.com",
  expiresMs: NOW_MS + 72 * 3_600_000,
  executionId: EXECUTION,
};
const PATCH = "OrdersQueue:\n  Properties:\n    VisibilityTimeout: 60";
const proven = change({
  finding: finding("orders", {
    owner: { stackName: "shop", logicalId: "OrdersQueue" },
    advice: [
      { kind: "idempotency", summary: "Make it idempotent." },
      { kind: "raise-visibility-timeout", summary: "Raise it.", patch: { cloudformation: PATCH } },
    ],
    examples: [
      {
        messageId: "11111111-2222-3333-4444-555555555555",
        deliveries: [
          {
            requestId: "request-1",
            functionArn: functionArn("orders-worker"),
            startedAt: "2026-11-23T15:00:00.000Z",
            endedAt: "2026-11-23T15:00:45.000Z",
            outcome: "success",
            receiveCount: 1,
          },
          {
            requestId: "request-2",
            functionArn: functionArn("orders-worker"),
            startedAt: "2026-11-23T15:00:30.500Z",
            endedAt: null,
            outcome: "unknown",
            receiveCount: 2,
          },
        ],
      },
    ],
  }),
});

/** Where nothing is hyphenated by a line's end. */
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

describe("approvalMail", () => {
  const mail = approvalMail(proven, ASKED, ADDRESSES);

  test.each([
    ["the question", "Raise the visibility timeout of orders from 30 s to 60 s?"],
    ["the queue", queueArn("orders")],
    ["the function", functionArn("orders-worker")],
    ["the owner", "CloudFormation stack shop, logical id OrdersQueue"],
    ["the change", "VisibilityTimeout 30 -> 60, and nothing else"],
    ["the proof's message", "Message 11111111-2222-3333-4444-555555555555"],
    ["its first delivery", "15:00:00.000 to 15:00:45.000 UTC, success request request-1"],
    ["its second delivery", "15:00:30.500 to ? UTC, unknown request request-2"],
    ["their overlap", "Both were at work for 14.5 s."],
    ["the price", "a failed message waits for its retry 30 s 60 s"],
    ["the bounds", "- a retry waits longer than 2 min"],
    ["the patch", "OrdersQueue: Properties: VisibilityTimeout: 60"],
    ["until when", "TO DECIDE, until 2026-11-26 18:00 UTC"],
    [
      "the command",
      "doubletake approvals approve change-orders --function doubletake-approvals --region eu-west-1",
    ],
    [
      "how to say no",
      'approvals reject change-orders --function doubletake-approvals --region eu-west-1 --reason "..."',
    ],
    ["how long a no is quiet", "nothing is proposed for this queue for 30 days"],
  ])("says %s", (_, words) => {
    expect(flat(mail.text)).toContain(words);
  });

  test("link and code stand on lines of their own, to be copied", () => {
    expect(letterOf(mail)).toEqual({ approver: "ann@example.com", linkId: ASKED.linkId, code: ASKED.code });
  });

  test("I7: the JSON, which others may subscribe to, holds neither link nor code; nor does the subject", () => {
    const rest = JSON.stringify({ ...mail, text: "" });
    expect(rest).not.toContain(ASKED.linkId);
    expect(rest).not.toContain(ASKED.code);
    expect(mail.json).toEqual({
      schemaVersion: 1,
      kind: "doubletake.approval-request",
      changeId: "change-orders",
      queueArn: queueArn("orders"),
      plan: { from: 30, to: 60, policy: "aws", hash: proven.plan.hash },
      expiresAt: "2026-11-26T18:00:00.000Z",
    });
  });

  test("without a page there is neither a link nor a code that would be of no use", () => {
    const { pageUrl: _, ...addresses } = ADDRESSES;
    const { text } = approvalMail(proven, ASKED, addresses);
    expect(text).not.toContain(ASKED.linkId);
    expect(text).not.toContain(ASKED.code);
    expect(text).toContain("approvals approve change-orders");
  });

  test("without proof, patch and owner it says less, and nothing wrong", () => {
    const { text } = approvalMail(change(), ASKED, ADDRESSES);
    expect(text).not.toContain("Message ");
    expect(text).not.toContain("FOR THE SOURCE");
    expect(text).not.toContain("undefined");
    expect(text).toContain("not known from its tags");
  });

  test("deliveries that did not overlap are shown, with times that are not known as such", () => {
    const [example] = proven.finding.examples;
    const deliveries = example?.deliveries.map((one) => ({ ...one, startedAt: null })) ?? [];
    const examples = [{ messageId: "m", deliveries }];
    const { text } = approvalMail(change({ finding: finding("orders", { examples }) }), ASKED, ADDRESSES);
    expect(text).toContain("? to 15:00:45.000 UTC");
    expect(text).not.toContain("Both were at work");
  });
});

describe("consoleUrl", () => {
  test.each([
    ["aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#"],
    ["aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#"],
    [
      "aws-us-gov",
      "us-gov-west-1",
      "https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#",
    ],
  ])("%s", (partition, region, beginning) => {
    const arn = `arn:${partition}:states:${region}:123456789012:execution:r:c`;
    expect(consoleUrl(arn)).toBe(`${beginning}/v2/executions/details/${arn}`);
  });
});

test("patchLines are of the one advice that is taken here", () => {
  expect(patchLines(proven)).toContain("      VisibilityTimeout: 60");
  expect(patchLines(change())).toEqual([]);
});

describe("changedMail", () => {
  test.each([
    ["by whom it was approved", approvedChange(), "approved by ann@example.com."],
    [
      "that nobody was asked",
      change({ mode: "auto" }),
      "without asking, as the account and the queue's tag allow.",
    ],
    ["no name where none is known", change(), "as approved."],
  ])("says %s", (_, one, words) => {
    expect(flat(changedMail(one).text)).toContain(`raised from 30 s to 60 s, ${words}`);
  });

  test("says until when it is watched, what rolls it back, and how to do so by hand", () => {
    const { text, json, subject } = changedMail(confirmedChange({ finding: proven.finding }));
    expect(subject).toBe("Doubletake: visibility timeout of orders is now 60 s");
    expect(flat(text)).toContain("It is watched until 2026-11-23 21:01 UTC, and rolled back by itself if");
    expect(text).toContain(`--queue-url ${change().plan.queueUrl} \\\n  --attributes VisibilityTimeout=30`);
    expect(text).toContain("VisibilityTimeout: 60");
    expect(json).toMatchObject({ kind: "doubletake.change", changeId: "change-orders", outcome: "changed" });
    expect(json).not.toHaveProperty("reason");
  });
});

describe("outcomeMail", () => {
  const refused = { atMs: NOW_MS, refused: "the queue holds 45 s, which is not what was set (60 s)" };
  test.each([
    [
      "superseded",
      change({
        status: "closed",
        outcome: "superseded",
        outcomeReason: "visibility timeout: 30 s became 45 s",
      }),
      "not changed, things have changed",
      "Visibility timeout: 30 s became 45 s.",
    ],
    ["rejected", waitingChange({ outcome: "rejected" }), "rejected, nothing changed", "was rejected"],
    [
      "expired",
      waitingChange({ outcome: "expired" }),
      "expired, nothing changed",
      "by 2026-11-26 17:59 UTC. Nothing was changed.",
    ],
    [
      "expired, unasked",
      change({ outcome: "expired" }),
      "expired, nothing changed",
      "Nobody decided on orders. Nothing was changed.",
    ],
    ["better", closedChange("better"), "it helped", "stays at 60 s: the duplicates went away"],
    ["unchanged", closedChange("unchanged"), "no effect seen", "the duplicates did not go away"],
    [
      "not-enough-traffic",
      closedChange("not-enough-traffic"),
      "too little traffic to tell",
      "Too little happened",
    ],
    ["worse", closedChange("worse", { rollBack: { atMs: NOW_MS } }), "worse, rolled back", "is 30 s again"],
    [
      "worse, refused",
      closedChange("worse", { rollBack: refused }),
      "worse, not rolled back",
      "was not rolled back: the queue holds 45 s",
    ],
    ["overridden", closedChange("overridden"), "somebody else changed it", "It is left as it is"],
    [
      "failed",
      closedChange("failed", { outcomeReason: "a bug; nothing was changed" }),
      "could not be finished",
      "A bug; nothing was changed.",
    ],
  ])("%s", (_, one, title, words) => {
    const { subject, text } = outcomeMail(one);
    expect(subject).toBe(`Doubletake: ${title}: orders`);
    expect(flat(text)).toContain(words);
    expect(text).toContain("Change change-orders");
  });

  test("how to set it back by hand, where the new value was kept, and only there", () => {
    const byHand = (one: Parameters<typeof outcomeMail>[0]) =>
      outcomeMail(one).text.includes("set-queue-attributes");
    const kept = Outcome.options.filter((outcome) => byHand(closedChange(outcome as ChangeOutcome)));
    expect(kept).not.toContain("overridden");
    expect(kept).toContain("better");
    expect(byHand(closedChange("worse", { rollBack: { atMs: NOW_MS } }))).toBe(false);
    expect(byHand(waitingChange({ outcome: "expired" }))).toBe(false);
  });

  test("the figures before and after, where they were counted", () => {
    const better = outcomeMail(
      closedChange("better", { after: effectFigures({ messages: 300.4, duplicates: 0.2 }) }),
    );
    expect(flat(better.text)).toContain("Before: 12 duplicates among 382 messages.");
    expect(flat(better.text)).toContain("After: 0 duplicates among 300 messages.");
    const none = outcomeMail(
      closedChange("worse", { after: effectFigures({ messages: null, duplicates: null }) }),
    );
    expect(none.text).toContain("After: unknown.");
  });

  test("the reason goes to machines too; one who says no gives it as text", () => {
    const one = waitingChange({ outcome: "rejected", outcomeReason: "by bob@example.com: “no”" });
    expect(outcomeMail(one).json).toMatchObject({ outcome: "rejected", reason: "by bob@example.com: “no”" });
  });

  test("a change without an outcome counts as failed", () => {
    expect(outcomeMail(change()).subject).toContain("could not be finished");
  });
});

describe("every mail", () => {
  const name = fc.stringMatching(/^[\w-]{1,75}(\.fifo)?$/);

  test("has a subject that SNS takes, whatever the queue is called", () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 43_200 }), (queueName, to) => {
        const inputs = planInputs(queueName, { to });
        const one = confirmedChange({ queueName, inputs, plan: plan(inputs) });
        const subjects = [
          approvalMail(one, ASKED, ADDRESSES),
          changedMail(one),
          ...Outcome.options.map((outcome) => outcomeMail({ ...one, outcome })),
        ].map(({ subject }) => subject);
        for (const subject of subjects) {
          expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
        }
      }),
    );
  });

  test("I7: holds no message body, even where a finding had been given one by mistake", () => {
    const body = "card 4111 1111 1111 1111";
    const [example] = proven.finding.examples;
    const smuggled = { ...example, body, deliveries: example?.deliveries.map((one) => ({ ...one, body })) };
    const one = confirmedChange({ finding: { ...proven.finding, examples: [smuggled as never] } });
    const mails = [
      approvalMail(one, ASKED, ADDRESSES),
      changedMail(one),
      outcomeMail({ ...one, outcome: "better" }),
    ];
    expect(JSON.stringify(mails)).not.toContain("4111");
  });

  test("only the request has one recipient; the others go to everybody", () => {
    expect(approvalMail(proven, ASKED, ADDRESSES).recipient).toBe("ann@example.com");
    expect([changedMail(proven), outcomeMail(proven)].map(({ recipient }) => recipient)).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("no line but a command, a link or a name is longer than 76 characters", () => {
    const lines = approvalMail(proven, ASKED, ADDRESSES).text.split("\n");
    const long = lines.filter((line) => line.length > 76 && line.trim().includes(" "));
    expect(long.filter((line) => !line.includes("doubletake approvals"))).toEqual([]);
  });
});
