import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { causeWords } from "../../../core/advise/cause-words.ts";
import { Cause } from "../../../core/model/delivery.ts";
import type { Finding, FindingDocument, FindingState, ScanSummary } from "../../../core/model/finding.ts";
import { composeDigest, notificationOf, type WatchedNews } from "../../../core/scan/digest.ts";
import type { FollowedFindings } from "../../../core/scan/finding-states.ts";
import { cutToBytes, printableAscii, shorten, wrap } from "../../../core/scan/text.ts";
import { change } from "../../support/changes.ts";
import { finding, verdict } from "../../support/findings.ts";
import { closedChange, waitingChange } from "../../support/remediation-fakes.ts";
import { ACCOUNT, queueArn, REGION, SCAN } from "../../support/scan-fakes.ts";

const summary: ScanSummary = {
  id: SCAN.scanId,
  account: ACCOUNT,
  region: REGION,
  window: { start: "2026-11-23T14:40:00.000Z", end: "2026-11-23T17:40:00.000Z" },
  durationMs: 30_000,
  apiCalls: {},
  estimatedCostUsd: 0.01,
  logBytesScanned: 1e6,
  excludedQueues: 0,
  sampledQueues: [],
  unreadable: [],
};

const documentOf = (
  more: Partial<ScanSummary> = {},
  paths: FindingDocument["paths"] = [verdict("orders", { verdict: "duplicating" }), verdict("quiet")],
) => ({ scan: { ...summary, ...more }, paths });

const state = (name: string, more: Partial<Finding> = {}, status: FindingState["status"] = "open") => ({
  id: `finding-${name}`,
  queueArn: queueArn(name),
  status,
  firstSeenScanId: SCAN.scanId,
  lastSeenScanId: SCAN.scanId,
  lastSeenMs: SCAN.window.endMs,
  strongestEvidence: "proven" as const,
  finding: finding(name, more),
});

const followed = (more: Partial<FollowedFindings> = {}): FollowedFindings => ({
  changed: [],
  news: [],
  continuing: [],
  resolved: [],
  ...more,
});

const plan: Finding["plan"] = {
  queueArn: queueArn("orders"),
  queueUrl: "https://sqs/orders",
  from: 30,
  to: 60,
  policy: "aws",
  hash: "abc",
  tradeOffs: {
    duplicateSharePercent: { before: 3, after: 0 },
    retryDelaySeconds: { before: 30, after: 60 },
    timeToDeadLetterSeconds: { before: null, after: null },
    messageRetentionSeconds: 345_600,
    outlivesRetention: false,
    fifoGroupBlockedSeconds: null,
  },
};

/** A function whose events come with no queue between. */
const withoutQueue = (name: string, more: Partial<Finding> = {}): FindingState => {
  const { queueArn: _, ...made } = state(name);
  const { queueArn: __, ...found } = finding(name, { source: "async", cause: "at-least-once", ...more });
  return { ...made, finding: found };
};

describe("functions without a queue", () => {
  const { queueArn: _, ...thumbnails } = verdict("thumbnails", { source: "async", verdict: "duplicating" });
  const news = [withoutQueue("thumbnails")];

  test("are counted apart, named by the function, and their events are no messages", () => {
    const { text } = composeDigest(documentOf({}, [thumbnails, verdict("orders")]), followed({ news }));
    expect(text).toContain("1 of 1 queue and 1 function without a queue processes messages twice, worst");
    expect(text).toMatch(/^1\. HIGH thumbnails-worker$/m);
    expect(text).toContain("proven: 12 events came 26 times, 3.1 duplicates per 100 events");
    expect(text).toContain("--queue thumbnails-worker");
  });

  test("alone are all there is", () => {
    const { text } = composeDigest(documentOf({}, [thumbnails]), followed({ news }));
    expect(text).toMatch(/^1 of 1 function without a queue processes/);
  });

  test("for machines have a source in the place of a queue", () => {
    const { json } = composeDigest(documentOf({}, [thumbnails]), followed({ news }));
    const [told] = (json as { new: object[] }).new;
    expect(told).toMatchObject({ source: "async", functionArns: [thumbnails.functionArns[0]] });
    expect(Object.keys(told ?? {})).not.toContain("queueArn");
  });
});

describe("composeDigest", () => {
  test("says all that matters in half a minute", () => {
    const { subject, text } = composeDigest(
      documentOf({ unreadable: [{ resource: queueArn("hidden"), reason: "access denied" }] }, [
        verdict("orders", { verdict: "duplicating" }),
        verdict("audit", { verdict: "retrying" }),
        verdict("quiet"),
        verdict("mended"),
      ]),
      followed({
        news: [
          state("orders", { plan }),
          state("audit", {
            severity: "critical",
            cause: "throttled",
            counts: { messages: 12, deliveries: 26, duplicateSharePercent: 0 },
          }),
        ],
        continuing: [state("old")],
        resolved: [state("mended", {}, "resolved")],
      }),
    );
    expect(subject).toBe(
      "Doubletake: 2 new findings (worst: critical), 1 resolved in 123456789012 eu-west-1",
    );
    expect(text).toBe(`1 of 4 queues processes messages twice, worst orders. 1 only retries. 2 are
fine.
Account 123456789012, eu-west-1, 2026-11-23 14:40 to 2026-11-23 17:40 UTC.

NEW (2)
1. CRITICAL audit
   received again and again, the function is throttled
   proven: 12 messages came 26 times
2. HIGH orders, visibility timeout 30 s -> 60 s proposed
   processed twice, the visibility timeout ends too early
   proven: 12 messages came 26 times, 3.1 duplicates per 100 messages

WHAT TO DO (nothing was changed)
* audit:
  Set MaximumConcurrency on the event source mapping to what the function
  can take, and maxReceiveCount to 5 or more.
* orders:
  Raise the visibility timeout as proposed, in the source that owns the
  queue, or the next deployment undoes it.
* Wherever work is done twice: Make the effect happen once, whatever is
  delivered: write it together with the message id, on condition that the id
  is new.

RESOLVED (1)
   mended: processed twice, the visibility timeout ends too early

CONTINUING, told of before (1)
   old: processed twice, the visibility timeout ends too early

COULD NOT BE READ (1)
   - arn:aws:sqs:eu-west-1:123456789012:hidden: access denied

NEXT STEP
   Begin with number 1. Its deliveries, advice and patches to paste:
   doubletake scan --region eu-west-1 \\
     --queue audit
   Make readable what is listed above: it may hide duplicates.

Scan 20261123T180000Z.
`);
  });

  test("what to do is said once for all queues that it is for", () => {
    const names = Array.from({ length: 9 }, (_, index) => `queue-${index}`);
    const { text } = composeDigest(documentOf(), followed({ news: names.map((name) => state(name)) }));
    expect(text.match(/Raise the visibility timeout/g)).toHaveLength(1);
    expect(text.replace(/\s+/g, " ")).toContain(
      "* queue-0, queue-1, queue-2, queue-3, queue-4, queue-5 and 3 more:",
    );
  });

  test.each([
    { verdicts: [], says: "None of 0 queues was seen to process messages twice." },
    {
      verdicts: ["at-risk", "at-risk", "unknown"],
      says: "None of 3 queues was seen to process messages twice. 2 are at risk. 1 could not be judged.",
    },
    { verdicts: ["duplicating", "duplicating"], says: "2 of 2 queues process messages twice, worst q0." },
  ] as const)("begins with the verdict: $says", ({ verdicts, says }) => {
    const paths = verdicts.map((each, index) => verdict(`q${index}`, { verdict: each }));
    const continuing = paths.map((_, index) => state(`q${index}`));
    const { text } = composeDigest(documentOf({}, paths), followed({ continuing }));
    expect(text.replace(/\s+/g, " ").startsWith(`${says} Account`)).toBe(true);
  });

  test("no line but a command is longer than 76 columns, however long a queue's name", () => {
    const name = `${"payments-".repeat(8)}retry`;
    const news = [state(name, { plan }), state(`${name}-2`)];
    const { text } = composeDigest(
      documentOf({}, [verdict(name, { verdict: "duplicating" })]),
      followed({ news, continuing: news, resolved: news }),
    );
    const long = text.split("\n").filter((line) => line.length > 76);
    expect(long).toEqual([`     --queue ${name}`]);
    expect(text).toContain("…");
  });

  test("says of what is not proven what would settle it first", () => {
    const step = "log the message id and receive count of each record: three lines, see the advice";
    const confidence = { against: ["the counters are approximate"], settledBy: [step, "scan again"] };
    const news = [state("orders", { evidence: "measured", confidence }), state("bills")];
    const { text } = composeDigest(documentOf(), followed({ news }));
    expect(text.replace(/\n +/g, " ")).toContain(`To be sure: ${step}.`);
    expect(text.match(/To be sure/g)).toHaveLength(1);
    expect(text).not.toContain("scan again");
  });

  test("leaves out what there is not", () => {
    const { subject, text } = composeDigest(
      documentOf(),
      followed({ resolved: [state("a", {}, "resolved")] }),
    );
    expect(subject).toBe("Doubletake: 1 resolved in 123456789012 eu-west-1");
    expect(text).not.toMatch(/NEW|WHAT TO DO|CONTINUING|COULD NOT/);
    expect(text).toContain("None: nothing new is left to do.");
  });

  test.each([
    {
      counts: { messages: 1, deliveries: 2, duplicateSharePercent: null },
      says: "measured: about 1 message came 2 times\n",
    },
    { counts: { messages: null, deliveries: null, duplicateSharePercent: null }, says: "measured\n" },
    { counts: { messages: null, deliveries: null, duplicateSharePercent: 0 }, says: "measured\n" },
  ])("an estimate is called one, and nothing is made up: $says", ({ counts, says }) => {
    const { text } = composeDigest(
      documentOf(),
      followed({ news: [state("a", { evidence: "measured", counts })] }),
    );
    expect(text).toContain(`   ${says}`);
  });

  test("tells machines the numbers, and nobody the examples", () => {
    const { json, told } = composeDigest(
      documentOf(),
      followed({ news: [state("orders", { plan })], resolved: [state("b", {}, "resolved")] }),
    );
    expect(json).toMatchObject({
      schemaVersion: 1,
      kind: "doubletake.digest",
      scan: { id: SCAN.scanId, account: ACCOUNT },
      counts: { new: 1, continuing: 0, resolved: 1, unreadable: 0 },
      new: [{ id: "finding-orders", plan: { from: 30, to: 60, hash: "abc" } }],
      resolved: [{ id: "finding-b" }],
    });
    expect(JSON.stringify(json)).not.toContain("examples");
    expect(told).toEqual([
      { id: "finding-orders", status: "open" },
      { id: "finding-b", status: "resolved" },
    ]);
  });

  test("stays within SNS's 256 KiB however much there is to tell", () => {
    const long = "a very long story ".repeat(100);
    const many = Array.from({ length: 400 }, (_, index) =>
      state(`queue-with-a-rather-long-name-${index}`, {
        explanation: long,
        functionArns: Array.from(
          { length: 20 },
          () => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${index}`,
        ),
        plan,
      }),
    );
    const unreadable = many.map((one) => ({ resource: one.queueArn, reason: long }));
    const digest = composeDigest(documentOf({ unreadable }), followed({ news: many, resolved: many }));
    const { text, json } = notificationOf(digest);
    const quoted = (value: string) => Buffer.byteLength(JSON.stringify(value));
    expect(quoted(text) + quoted(JSON.stringify(json))).toBeLessThan(128 * 1024);
    expect(text).toContain("and more");
    expect(digest.told).toHaveLength(800);
  });

  test("says how many more there are", () => {
    const many = Array.from({ length: 45 }, (_, index) =>
      state(`q${index}`, { explanation: "", advice: [] }),
    );
    const { text } = composeDigest(documentOf(), followed({ news: many }));
    expect(text).toContain("NEW (45)");
    expect(text).toContain("   and 5 more\n");
  });

  test("the subject is what SNS takes, whatever the account is called", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (account, region) => {
        const { subject } = composeDigest(documentOf({ account, region }), followed({ news: [state("a")] }));
        expect(subject).toMatch(/^[!-~][ -~]{0,98}$/);
      }),
    );
  });

  test("every cause has a title of its own, and something to do", () => {
    const words = Cause.options.map((cause) => causeWords({ cause, evidence: "proven" }));
    expect(new Set(words.map(({ title }) => title)).size).toBe(Cause.options.length);
    for (const { meaning, remedy } of words) expect(`${meaning} ${remedy}`).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
  });

  test("what was not seen to happen is not called so", () => {
    const { text } = composeDigest(documentOf(), followed({ news: [state("a", { evidence: "exposed" })] }));
    expect(text).toContain("can be processed twice");
    expect(text).not.toContain("   processed twice");
    expect(causeWords({ cause: "visibility-expired", evidence: "advisory" }).title).toContain("nothing seen");
  });
});

describe("what a deployed system tells beside the findings", () => {
  const watched = (more: Partial<WatchedNews> = {}): WatchedNews => ({
    undone: [],
    waiting: [],
    unreached: [],
    ...more,
  });
  const patched = finding("orders", {
    advice: [
      {
        kind: "raise-visibility-timeout",
        summary: "Raise it.",
        patch: { cloudformation: "Orders:\n  VisibilityTimeout: 60" },
      },
    ],
  });
  const undone = [{ change: closedChange("better", { finding: patched }), currentSeconds: 30 }];
  const unreached = [
    { address: "ann@example.com", what: "the digest", problem: "has not confirmed the subscription" },
  ] as const;
  const digestOf = (more: Partial<WatchedNews>) => composeDigest(documentOf(), followed(), watched(more));

  test("nothing of it is nothing in the text", () => {
    const { text, toldUndone, toldUnreached } = composeDigest(documentOf(), followed());
    expect(text).not.toMatch(/UNDONE|WAITING|NOT REACHED|IGNORED/);
    expect([toldUndone, toldUnreached]).toEqual([[], []]);
  });

  test("a change that somebody undid, with the patch for the source", () => {
    const { subject, text, json, toldUndone } = digestOf({ undone });
    expect(subject).toBe("Doubletake: 1 change undone in 123456789012 eu-west-1");
    expect(text).toContain(`UNDONE since it was approved (1)
   orders: 30 s again, was raised to 60 s. It is not raised a second time.`);
    expect(text).toContain("       VisibilityTimeout: 60\n");
    expect(json).toMatchObject({
      undone: [{ changeId: "change-orders", queueArn: queueArn("orders"), set: 60, is: 30 }],
    });
    expect(toldUndone).toEqual(["change-orders"]);
  });

  test("changes that wait, and until when; they are no news in the subject", () => {
    const waiting = [waitingChange(), change({ status: "waiting", queueName: "other" })];
    const { subject, text, json } = digestOf({ waiting });
    expect(text).toContain(`WAITING FOR APPROVAL (2)
   orders: 30 s -> 60 s, until 2026-11-26 17:59 UTC
   other: 30 s -> 60 s
`);
    expect(subject).not.toContain("wait");
    expect(json).toMatchObject({ counts: { waitingForApproval: 2 } });
  });

  test("addresses that are not reached, and what they miss", () => {
    const { subject, text, json, toldUnreached } = digestOf({ unreached });
    expect(subject).toBe("Doubletake: 1 not reached by mail in 123456789012 eu-west-1");
    expect(text).toContain(`NOT REACHED BY MAIL (1)
   ann@example.com has not confirmed the subscription, and misses the digest`);
    expect(json).toMatchObject({ counts: { unreached: 1 } });
    // Machines that read along need no addresses.
    expect(JSON.stringify(json)).not.toContain("ann@example.com");
    expect(toldUnreached).toEqual(["ann@example.com the digest has not confirmed the subscription"]);
  });

  test("queues that are ignored, until when and why", () => {
    const ignored = { untilMs: Date.parse("2027-02-01T00:00:00Z"), reason: "load test" };
    const { text } = composeDigest(documentOf({}, [verdict("a", { ignored }), verdict("b")]), followed());
    expect(text).toContain(`IGNORED, as a tag on the queue says (1)
   a, until 2027-02-01 00:00 UTC: load test`);
  });

  test("stays small however much of it there is", () => {
    const many = Array.from({ length: 400 }, () => undone[0] as (typeof undone)[number]);
    const { text, json } = digestOf({ undone: many });
    expect(Buffer.byteLength(text)).toBeLessThan(33_000);
    expect((json as { undone: unknown[] }).undone).toHaveLength(40);
  });
});

describe("wrap", () => {
  test("keeps to 76 characters and hangs what follows", () => {
    const lines = wrap("word ".repeat(40), "-> ", "   ");
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.length <= 76)).toBe(true);
    expect(lines.map((line) => line.slice(0, 3))).toEqual(["-> ", ...lines.slice(1).map(() => "   ")]);
  });

  test.each([
    ["", []],
    ["x".repeat(90), [`  ${"x".repeat(90)}`]],
  ])("%j", (text, lines) => {
    expect(wrap(text, "  ")).toEqual(lines);
  });
});

describe("cutToBytes", () => {
  test("never exceeds the limit, and cuts between lines", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" })),
        fc.integer({ min: 10, max: 200 }),
        (lines, max) => {
          const text = lines.join("\n");
          const cut = cutToBytes(text, max, "…end");
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(Math.max(max, 6));
          if (Buffer.byteLength(text) <= max) expect(cut).toBe(text);
          else expect(text.startsWith(cut.slice(0, -4))).toBe(true);
        },
      ),
    );
  });
});

test("printableAscii keeps what SNS takes", () => {
  expect(printableAscii("a\tb\u00e9 ~")).toBe("a?b? ~");
});

test("shorten keeps both ends, which tell names apart", () => {
  expect([shorten("abcdefghij", 10), shorten("abcdefghijk", 10)]).toEqual(["abcdefghij", "abcde…hijk"]);
});

test("a queue with two findings of one remedy is named once", () => {
  const [first, second] = [state("orders"), state("orders", { cause: "deleted-too-late" })];
  const news = [first, { ...second, id: "another-finding" }];
  const { text } = composeDigest(documentOf(), followed({ news }));
  expect(text).toMatch(/^\* orders:$/m);
});
