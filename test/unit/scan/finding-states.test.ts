import { describe, expect, test } from "@jest/globals";
import type { Evidence, FindingState, PathVerdict } from "../../../core/model/finding.ts";
import { followFindings, MS_TO_RESOLVE, SCANS_TO_RESOLVE } from "../../../core/scan/finding-states.ts";
import { finding, verdict } from "../../support/findings.ts";
import { queueArn, WINDOW } from "../../support/scan-fakes.ts";

const NOW = "scan-2";
const LONG_AGO = WINDOW.endMs - MS_TO_RESOLVE;

const state = (name: string, more: Partial<FindingState> = {}): FindingState => ({
  id: `finding-${name}`,
  queueArn: queueArn(name),
  status: "open",
  firstSeenScanId: "scan-1",
  lastSeenScanId: "scan-1",
  lastSeenMs: LONG_AGO,
  strongestEvidence: "proven",
  notifiedScanId: "scan-1",
  finding: finding(name),
  ...more,
});

/** Missed so often that one more time makes it resolved. */
const almostOver = Array.from({ length: SCANS_TO_RESOLVE - 1 }, (_, n) => `missed-${n}`);
const fading = (name: string, more: Partial<FindingState> = {}) =>
  state(name, { missedScanIds: almostOver, ...more });

const ids = (states: readonly FindingState[]) => states.map((one) => one.id);

/** What one scan makes of what was there and what it found. */
function follow(earlier: FindingState[], found: string[], paths: PathVerdict[] = [], evidence?: Evidence) {
  const more = evidence === undefined ? {} : { evidence };
  return followFindings(
    found.map((name) => finding(name, more)),
    paths,
    earlier,
    { scanId: NOW, window: WINDOW },
  );
}

describe("followFindings", () => {
  test("a finding never seen before is news", () => {
    const followed = follow([], ["a"]);
    expect(ids(followed.news)).toEqual(["finding-a"]);
    expect(followed.changed).toMatchObject([
      { id: "finding-a", status: "open", firstSeenScanId: NOW, lastSeenScanId: NOW },
    ]);
    expect(followed.changed[0]).not.toHaveProperty("notifiedScanId");
  });

  test("a finding that was told of continues", () => {
    const followed = follow([state("a")], ["a"]);
    expect([ids(followed.news), ids(followed.continuing)]).toEqual([[], ["finding-a"]]);
    expect(followed.changed).toMatchObject([{ firstSeenScanId: "scan-1", lastSeenScanId: NOW }]);
  });

  test("a finding whose digest was never sent is news again (I6)", () => {
    const { notifiedScanId: _, ...untold } = state("a");
    expect(ids(follow([untold], ["a"]).news)).toEqual(["finding-a"]);
  });

  test("a finding that was over and is found again is news, from its new beginning", () => {
    const over = state("a", { status: "resolved", resolvedScanId: "scan-1" });
    const followed = follow([over], ["a"]);
    expect(ids(followed.news)).toEqual(["finding-a"]);
    expect(followed.changed).toMatchObject([{ status: "open", firstSeenScanId: NOW }]);
    expect(followed.changed[0]).not.toHaveProperty("resolvedScanId");
  });

  test.each<{ before: Evidence; now: Evidence; news: boolean }>([
    { before: "exposed", now: "proven", news: true },
    { before: "measured", now: "proven", news: true },
    { before: "proven", now: "measured", news: false },
    { before: "proven", now: "proven", news: false },
  ])("$before before and $now now is news: $news", ({ before, now, news }) => {
    const earlier = state("a", { strongestEvidence: before });
    expect(follow([earlier], ["a"], [], now).news).toHaveLength(news ? 1 : 0);
  });

  test("advice is not followed", () => {
    expect(follow([], ["a"], [], "advisory")).toMatchObject({ changed: [], news: [], continuing: [] });
  });

  test("a finding that a scan misses stays open, and the miss is counted", () => {
    const followed = follow([state("a")], [], [verdict("a")]);
    expect([ids(followed.resolved), ids(followed.continuing)]).toEqual([[], ["finding-a"]]);
    expect(followed.changed).toMatchObject([{ status: "open", missedScanIds: [NOW] }]);
  });

  test(`a finding that ${SCANS_TO_RESOLVE} scans in a row miss is over`, () => {
    const followed = follow([fading("a")], [], [verdict("a")]);
    expect(ids(followed.resolved)).toEqual(["finding-a"]);
    expect(followed.changed).toMatchObject([{ status: "resolved", resolvedScanId: NOW }]);
  });

  test("however many scans miss it, it stays open until a day after it was seen", () => {
    const followed = follow([fading("a", { lastSeenMs: LONG_AGO + 1 })], [], [verdict("a")]);
    expect([ids(followed.resolved), ids(followed.continuing)]).toEqual([[], ["finding-a"]]);
    expect(followed.changed[0]?.missedScanIds).toEqual([...almostOver, NOW]);
  });

  test("a finding of a path that is gone is over", () => {
    expect(ids(follow([fading("a")], [], [verdict("other")]).resolved)).toEqual(["finding-a"]);
  });

  test("what was proven, then measured, and is proven again is no news", () => {
    const [measured] = follow([state("a")], ["a"], [], "measured").changed;
    expect(measured).toMatchObject({ finding: { evidence: "measured" }, strongestEvidence: "proven" });
    expect(ids(follow(measured ? [measured] : [], ["a"], [], "proven").news)).toEqual([]);
  });

  test("a finding that is found again starts to count anew, and is no news", () => {
    const followed = follow([fading("a")], ["a"], [verdict("a")]);
    expect(ids(followed.news)).toEqual([]);
    expect(followed.changed[0]).not.toHaveProperty("missedScanIds");
  });

  test("a repeat of the same scan counts no second miss (I6)", () => {
    const [once] = follow([state("a")], [], [verdict("a")]).changed;
    expect(follow(once ? [once] : [], [], [verdict("a")]).changed).toEqual([]);
  });

  test.each<{ name: string; paths: PathVerdict[]; evidence?: Evidence }>([
    { name: "something of the path could not be read", paths: [verdict("a", { incomplete: true })] },
    { name: "nothing could be told of the path", paths: [verdict("a", { verdict: "unknown" })] },
    { name: "the logs that proved it were not read", paths: [verdict("a", { logsRead: false })] },
    { name: "no message moved", paths: [verdict("a", { idle: true })] },
    { name: "the path was not read in full", paths: [verdict("a", { depth: "screened" })] },
  ])("it stays open when $name", ({ paths }) => {
    const followed = follow([fading("a")], [], paths);
    expect([ids(followed.resolved), ids(followed.continuing)]).toEqual([[], ["finding-a"]]);
    expect(followed.changed).toEqual([]);
  });

  test("what only the numbers had shown is over without the logs", () => {
    const earlier = fading("a", { strongestEvidence: "measured" });
    const followed = follow([earlier], [], [verdict("a", { logsRead: false })]);
    expect(ids(followed.resolved)).toEqual(["finding-a"]);
  });

  test("what is over and told of is left alone", () => {
    const over = state("a", { status: "resolved", resolvedScanId: "scan-1" });
    expect(follow([over], [], [verdict("a")])).toEqual({
      changed: [],
      news: [],
      continuing: [],
      resolved: [],
    });
  });

  test("a repeat over its own result tells the same (I6)", () => {
    const earlier = [fading("gone"), state("goes-on"), state("kept")];
    const paths = [verdict("gone"), verdict("goes-on"), verdict("new")];
    const first = follow(earlier, ["new", "goes-on"], paths);
    const stored = new Map([...earlier, ...first.changed].map((one) => [one.id, one]));
    const again = follow([...stored.values()], ["new", "goes-on"], paths);
    expect({ ...again, changed: [] }).toEqual({ ...first, changed: [] });
  });

  test("a repeat after the digest was sent tells the same (I6)", () => {
    const first = follow([], ["a"]);
    const told = first.changed.map((one) => ({ ...one, notifiedScanId: NOW }));
    expect(ids(follow(told, ["a"]).news)).toEqual(["finding-a"]);
  });
});
