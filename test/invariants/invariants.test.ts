// I1 to I11 under random sequences of everything that can happen; `npm run test:invariants` runs any number of them.
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { play } from "../support/invariant-model.ts";
import type { QueueSetup } from "../support/invariant-model-account.ts";
import { checkInvariants, randomSeed } from "../support/invariant-model-check.ts";
import type { Concurrent, Operation, Setup } from "../support/invariant-model-operations.ts";
import { tallyTable, tooRare } from "../support/invariant-model-tally.ts";

const SEQUENCES = 2_500;
const RUNS_OF_A_RACE = 800;
const TIMEOUT_MS = 600_000;

function givenSeed(): number {
  const given = process.env["INVARIANTS_SEED"];
  return given === undefined ? randomSeed() : Number(given);
}

describe("I1 to I11: the remediation under random sequences", () => {
  test(
    "every invariant holds in each, and enough happens in them to say so",
    async () => {
      const seed = givenSeed();
      const { tally, failure } = await checkInvariants({ sequences: SEQUENCES, seed });
      process.stderr.write(`seed ${seed} (INVARIANTS_SEED)\n${tallyTable(tally)}\n`);
      expect(failure).toBeUndefined();
      expect(tooRare(tally)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

const queue: QueueSetup = {
  seconds: 30,
  functionSeconds: 60,
  windowSeconds: 0,
  maxReceiveCount: 5,
  retentionSeconds: 345_600,
  mode: "",
  ignored: false,
  tagged: true,
  evidence: "proven",
  effect: "better",
  broken: "nothing",
};
const setup: Setup = {
  mode: "approve",
  approvers: 1,
  quorum: 1,
  maxChangesPerScan: 3,
  capSeconds: 43_200,
  policy: "aws",
  approvalHours: 72,
  changeTag: false,
  someQueues: false,
  queues: [queue, queue],
};

interface Race {
  readonly name: string;
  readonly setup?: Partial<Setup>;
  readonly before: readonly Operation[];
  readonly lanes: readonly Concurrent[];
  readonly mayExpire?: boolean;
}

const goTo = (state: string): Operation => ({ op: "go to", run: 0, state, hasConsent: true });
const consent: Concurrent = {
  op: "say",
  say: {
    via: "page",
    pick: 0,
    isFresh: true,
    verdict: "approve",
    code: "right",
    plan: "shown",
    link: "right",
  },
};
const RACES: readonly Race[] = [
  {
    name: "I4: two tries of a scan's proposals keep its limit together, while an earlier change ends",
    setup: { maxChangesPerScan: 1 },
    before: [
      { op: "step", run: 0 },
      { op: "others", queue: 0, what: "function timeout" },
      // The second scan proposes nothing yet: its documents are what the race is about.
      { op: "pause" },
      { op: "scan" },
      { op: "resume" },
    ],
    lanes: [
      { op: "rescan", scan: 1 },
      { op: "rescan", scan: 1 },
      { op: "step", run: 0 },
    ],
  },
  {
    name: "I6: Apply twice at once raises one timeout, and watches it",
    before: [goTo("Apply")],
    lanes: [
      { op: "step", run: 0 },
      { op: "twin", run: 0, isLast: false },
    ],
  },
  {
    name: "I6: RollBack twice at once rolls back once",
    setup: { queues: [{ ...queue, effect: "worse" }] },
    before: [goTo("RollBack")],
    lanes: [
      { op: "step", run: 0 },
      { op: "twin", run: 0, isLast: false },
    ],
  },
  {
    name: "I6: a late double of Revalidate closes nothing that was applied",
    setup: { mode: "auto", queues: [{ ...queue, mode: "auto" }] },
    before: [goTo("Apply"), { op: "twin", run: 0, isLast: false }],
    lanes: [
      { op: "twin", run: 0, isLast: true },
      { op: "step", run: 0 },
    ],
  },
  {
    name: "I5: a decision in the moment of expiry counts, or is refused",
    before: [
      { op: "go to", run: 0, state: "Apply", hasConsent: false },
      { op: "forge", run: 0 },
    ],
    lanes: [consent, { op: "step", run: 0 }],
    mayExpire: true,
  },
];

describe("races that random sequences seldom come to", () => {
  test.each(RACES)("$name", async ({ setup: more, before, lanes, mayExpire }) => {
    const turns = fc.array(fc.nat(2), { minLength: 40, maxLength: 80, size: "max" });
    const property = fc.asyncProperty(fc.nat(20), turns, async (head, rest) => {
      // The first lane gets ahead, and time runs out just then.
      const order = [...new Array<number>(head).fill(0), ...rest];
      const expiresAt = mayExpire ? head : null;
      const race: Operation = { op: "race", lanes, turns: order, expiresAt };
      await play({ setup: { ...setup, ...more }, operations: [...before, race] });
    });
    const checked = await fc.check(property, { numRuns: RUNS_OF_A_RACE, seed: givenSeed() });
    expect(checked.failed ? fc.defaultReportMessage(checked) : undefined).toBeUndefined();
  });
});
