import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Cause } from "../../../core/model/delivery.ts";
import type { Finding, FindingState, ScanSummary } from "../../../core/model/finding.ts";
import { CAUSE_TITLES } from "../../../core/scan/cause-titles.ts";
import { composeDigest, notificationOf } from "../../../core/scan/digest.ts";
import type { FollowedFindings } from "../../../core/scan/finding-states.ts";
import { cutToBytes, printableAscii, wrap } from "../../../core/scan/text.ts";
import { finding } from "../../support/findings.ts";
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
  sampledQueues: [],
  unreadable: [],
};

const state = (name: string, more: Partial<Finding> = {}, status: FindingState["status"] = "open") => ({
  id: `finding-${name}`,
  queueArn: queueArn(name),
  status,
  firstSeenScanId: SCAN.scanId,
  lastSeenScanId: SCAN.scanId,
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

describe("composeDigest", () => {
  test("says all that matters in half a minute", () => {
    const { subject, text } = composeDigest(
      { ...summary, unreadable: [{ resource: queueArn("hidden"), reason: "access denied" }] },
      followed({
        news: [state("orders", { plan }), state("audit", { severity: "critical", cause: "throttled" })],
        continuing: [state("old"), state("older")],
        resolved: [state("mended", {}, "resolved")],
      }),
    );
    expect(subject).toBe(
      "Doubletake: 2 new findings (worst: critical), 1 resolved in 123456789012 eu-west-1",
    );
    expect(text).toBe(`Doubletake looked at account 123456789012 (eu-west-1),
2026-11-23 14:40 to 2026-11-23 17:40 UTC.

NEW (2)
1. CRITICAL  audit: received again and again, the function is throttled
   proven, 12 messages, 3.1 % of the traffic processed twice
   consumed by audit-worker
   The function of audit runs longer than its queue waits.
   -> Raise the visibility timeout to 60 s.

2. HIGH  orders: processed twice, the visibility timeout ends while the function still runs
   proven, 12 messages, 3.1 % of the traffic processed twice
   consumed by orders-worker
   The function of orders runs longer than its queue waits.
   -> Raise the visibility timeout to 60 s.
   Proposed: visibility timeout 30 s -> 60 s. Nothing was changed.

RESOLVED (1)
   mended: processed twice, the visibility timeout ends while the function still runs

CONTINUING (2): told of before, not repeated here.

COULD NOT BE READ (1)
   - arn:aws:sqs:eu-west-1:123456789012:hidden: access denied

NEXT STEPS
   Begin with number 1. For its deliveries, advice and patches to paste, run
   doubletake scan --region eu-west-1 --queue audit
   Make readable what is listed above: it may hide duplicates.
   Scan 20261123T180000Z.
`);
  });

  test("leaves out what there is not", () => {
    const { subject, text } = composeDigest(summary, followed({ resolved: [state("a", {}, "resolved")] }));
    expect(subject).toBe("Doubletake: 1 resolved in 123456789012 eu-west-1");
    expect(text).not.toMatch(/NEW|CONTINUING|COULD NOT/);
    expect(text).toContain("None: nothing is left to do.");
  });

  test.each([
    {
      counts: { messages: 1, deliveries: 2, duplicateSharePercent: null },
      says: "measured, about 1 message\n",
    },
    { counts: { messages: null, deliveries: null, duplicateSharePercent: null }, says: "measured\n" },
    { counts: { messages: null, deliveries: null, duplicateSharePercent: 0 }, says: "measured\n" },
  ])("an estimate is called one, and nothing is made up: $says", ({ counts, says }) => {
    const { text } = composeDigest(
      summary,
      followed({ news: [state("a", { evidence: "measured", counts })] }),
    );
    expect(text).toContain(`   ${says}`);
  });

  test("a finding without functions names none", () => {
    const { text } = composeDigest(summary, followed({ news: [state("a", { functionArns: [] })] }));
    expect(text).not.toContain("consumed by");
  });

  test("tells machines the numbers, and nobody the examples", () => {
    const { json, told } = composeDigest(
      summary,
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
    const digest = composeDigest({ ...summary, unreadable }, followed({ news: many, resolved: many }));
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
    const { text } = composeDigest(summary, followed({ news: many }));
    expect(text).toContain("NEW (45)");
    expect(text).toContain("   and 5 more\n");
  });

  test("the subject is what SNS takes, whatever the account is called", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (account, region) => {
        const { subject } = composeDigest({ ...summary, account, region }, followed({ news: [state("a")] }));
        expect(subject).toMatch(/^[!-~][ -~]{0,98}$/);
      }),
    );
  });

  test("every cause has a title of its own", () => {
    const titles = Cause.options.map((cause) => CAUSE_TITLES[cause]);
    expect(new Set(titles).size).toBe(Cause.options.length);
  });
});

describe("wrap", () => {
  test("keeps to 78 characters and hangs what follows", () => {
    const lines = wrap("word ".repeat(40), "-> ", "   ");
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.length <= 78)).toBe(true);
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
