// What may happen to the system under the model, as plain values that can be printed, shrunk and replayed.
import fc from "fast-check";
import type { Broken, Effect, QueueSetup } from "./invariant-model-account.ts";
import type { Fault } from "./invariant-model-lanes.ts";

/** Numbers choose among what there is at the time, round and round. */
type Choice = number;

export interface Say {
  /** Through the page with a mail's link, or by command. */
  readonly via: "page" | "command";
  /** Of the mails, or of the changes; `isFresh`: of those that wait for a decision. */
  readonly pick: Choice;
  readonly isFresh: boolean;
  readonly verdict: "approve" | "reject";
  readonly code: "right" | "typed" | "wrong" | "none" | "another's";
  readonly plan: "shown" | "forged";
  readonly link: "right" | "unknown";
}

/** What can also happen while something else does. */
export type Concurrent =
  | { readonly op: "scan" }
  /** The schedule, or a retry, starts an earlier scan's proposals again. */
  | { readonly op: "rescan"; readonly scan: Choice }
  | { readonly op: "step"; readonly run: Choice }
  /** The task that is next is called once more, besides; `isLast`: the one that was called last, whatever is next. */
  | { readonly op: "twin"; readonly run: Choice; readonly isLast: boolean }
  | { readonly op: "say"; readonly say: Say };

export type Operation =
  | Concurrent
  | {
      readonly op: "race";
      readonly lanes: readonly Concurrent[];
      readonly turns: readonly number[];
      /** Before which turn a request for approval expires; absent = it does not. */
      readonly expiresAt: number | null;
    }
  /** Every execution goes on until it waits or has ended. */
  | { readonly op: "run" }
  | { readonly op: "wait"; readonly run: Choice }
  /**
   * One execution goes on, and time with it, until that state is next, it waits for people, or it has ended. With
   * consent all who are asked say yes.
   */
  | { readonly op: "go to"; readonly run: Choice; readonly state: string; readonly hasConsent: boolean }
  | { readonly op: "advance"; readonly minutes: number; readonly areTimersOnTime: boolean }
  | { readonly op: "expire"; readonly run: Choice; readonly areTimersOnTime: boolean }
  | { readonly op: "scanner"; readonly mail: Choice }
  /** Somebody with a link tries codes. */
  | { readonly op: "guess"; readonly mail: Choice; readonly times: number }
  /** SendTaskSuccess by somebody else. */
  | { readonly op: "forge"; readonly run: Choice }
  | { readonly op: "others"; readonly queue: Choice; readonly what: Others }
  /** The same to the queue of one execution, once that state is next. */
  | {
      readonly op: "meddle";
      readonly run: Choice;
      readonly state: string;
      readonly hasConsent: boolean;
      readonly what: Others;
    }
  | { readonly op: "pause" }
  | { readonly op: "resume" }
  | { readonly op: "effect"; readonly queue: Choice; readonly effect: Effect }
  | { readonly op: "break"; readonly queue: Choice; readonly broken: Broken }
  /** Somebody stops an execution by hand. */
  | { readonly op: "stop"; readonly run: Choice }
  | { readonly op: "fault"; readonly fault: Fault }
  | { readonly op: "redeploy"; readonly quorum: number; readonly capSeconds: number };

export type Others =
  | "lower"
  | "raise"
  | "set ours"
  | "function timeout"
  | "redrive"
  | "delete mapping"
  | "disable mapping"
  | "restore mapping"
  | "ignore"
  | "observe"
  | "auto"
  | "untag";

export interface Setup {
  readonly mode: "observe" | "approve" | "auto";
  readonly approvers: number;
  readonly quorum: number;
  readonly maxChangesPerScan: number;
  readonly capSeconds: number;
  readonly policy: "aws" | "margin";
  readonly approvalHours: number;
  readonly changeTag: boolean;
  readonly someQueues: boolean;
  readonly queues: readonly QueueSetup[];
}

export interface Sequence {
  readonly setup: Setup;
  readonly operations: readonly Operation[];
}

const MOST_OPERATIONS = 30;
const choice = fc.nat(11);

const weighted = <T>(...options: readonly (readonly [weight: number, value: T])[]): fc.Arbitrary<T> =>
  fc.oneof(...options.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const queue: fc.Arbitrary<QueueSetup> = fc.record({
  seconds: fc.constantFrom(30, 10, 60),
  functionSeconds: weighted([6, 60], [2, 20], [1, 10_000]),
  windowSeconds: fc.constantFrom(0, 0, 5),
  maxReceiveCount: fc.constantFrom(5, null, 2),
  retentionSeconds: weighted([4, 345_600], [1, 900]),
  mode: weighted<QueueSetup["mode"]>([6, ""], [1, "observe"], [1, "approve"], [5, "auto"]),
  ignored: weighted([9, false], [1, true]),
  tagged: weighted([4, true], [1, false]),
  evidence: weighted<QueueSetup["evidence"]>([4, "proven"], [1, "measured"]),
  effect: weighted<Effect>([3, "better"], [3, "worse"], [1, "unchanged"], [1, "nothing"]),
  broken: weighted<Broken>([24, "nothing"], [1, "queue"], [1, "tags"], [1, "function"]),
});

const setup: fc.Arbitrary<Setup> = fc.record({
  mode: weighted<Setup["mode"]>([12, "approve"], [5, "auto"], [1, "observe"]),
  approvers: weighted([4, 2], [2, 3], [2, 1], [1, 0]),
  quorum: weighted([3, 1], [2, 2]),
  maxChangesPerScan: fc.constantFrom(3, 1, 2),
  capSeconds: weighted([4, 43_200], [1, 100]),
  policy: weighted<Setup["policy"]>([3, "aws"], [1, "margin"]),
  approvalHours: fc.constantFrom(72, 1),
  changeTag: weighted([6, false], [1, true]),
  someQueues: weighted([9, false], [1, true]),
  queues: fc.array(queue, { minLength: 2, maxLength: 4 }),
});

const say: fc.Arbitrary<Say> = fc.record({
  via: weighted<Say["via"]>([4, "page"], [1, "command"]),
  pick: choice,
  isFresh: weighted([5, true], [1, false]),
  verdict: weighted<Say["verdict"]>([6, "approve"], [1, "reject"]),
  code: weighted<Say["code"]>([10, "right"], [2, "typed"], [2, "wrong"], [1, "none"], [1, "another's"]),
  plan: weighted<Say["plan"]>([9, "shown"], [1, "forged"]),
  link: weighted<Say["link"]>([15, "right"], [1, "unknown"]),
});

/** What a person with the right link and code says. */
const consent: fc.Arbitrary<Say> = fc.record({
  via: fc.constant<Say["via"]>("page"),
  pick: choice,
  isFresh: fc.constant(true),
  verdict: weighted<Say["verdict"]>([12, "approve"], [1, "reject"]),
  code: fc.constant<Say["code"]>("right"),
  plan: fc.constant<Say["plan"]>("shown"),
  link: fc.constant<Say["link"]>("right"),
});

const scan = fc.constant<Operation>({ op: "scan" });
const rescan = fc.record({ op: fc.constant("rescan" as const), scan: choice });
const step = fc.record({ op: fc.constant("step" as const), run: choice });
const twin = fc.record({ op: fc.constant("twin" as const), run: choice, isLast: fc.boolean() });
const saying = fc.record({ op: fc.constant("say" as const), say: fc.oneof(say, consent) });

const concurrent: fc.Arbitrary<Concurrent> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Concurrent>({ op: "scan" }) },
  { weight: 2, arbitrary: rescan },
  { weight: 6, arbitrary: step },
  { weight: 4, arbitrary: twin },
  { weight: 5, arbitrary: saying },
);

const turns = fc.array(fc.nat(2), { maxLength: 40 });

const race: fc.Arbitrary<Operation> = fc.record({
  op: fc.constant("race" as const),
  lanes: fc.array(concurrent, { minLength: 2, maxLength: 3 }),
  turns,
  expiresAt: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(20) }),
});

/** A task and its double: what a lost connection between Step Functions and Lambda comes to. */
const double: fc.Arbitrary<Operation> = fc.record({
  op: fc.constant("race" as const),
  lanes: choice.map((run): Concurrent[] => [
    { op: "step", run },
    { op: "twin", run, isLast: false },
  ]),
  turns,
  expiresAt: fc.constant(null),
});

const state = fc.constantFrom(
  "RequestApproval",
  "ConcludeApproval",
  "Apply",
  "Confirm",
  "PrepareEffect",
  "MeasureEffect",
  "RollBack",
  "RollBack",
  "Close",
  "NotifyOutcome",
);

const goTo: fc.Arbitrary<Operation> = fc.record({
  op: fc.constant("go to" as const),
  run: choice,
  state,
  hasConsent: fc.boolean(),
});

const fault: fc.Arbitrary<Operation> = fc.record({
  op: fc.constant("fault" as const),
  fault: fc.record({
    kind: weighted<Fault["kind"]>(
      [3, "throttle"],
      [2, "unanswered"],
      [1, "lost"],
      [2, "die-before"],
      [3, "die-after"],
    ),
    after: fc.nat(24),
    times: weighted([6, 1], [2, 2], [1, 6]),
    isRetried: weighted([3, true], [1, false]),
  }),
});

const what = fc.constantFrom<Others[]>(
  "lower",
  "raise",
  "set ours",
  "function timeout",
  "redrive",
  "delete mapping",
  "disable mapping",
  "restore mapping",
  "ignore",
  "observe",
  "auto",
  "untag",
);

const others: fc.Arbitrary<Operation> = fc.record({
  op: fc.constant("others" as const),
  queue: choice,
  what,
});

const meddle: fc.Arbitrary<Operation> = fc.record({
  op: fc.constant("meddle" as const),
  run: choice,
  state,
  hasConsent: weighted([3, true], [1, false]),
  what,
});

/** Nothing of it keeps an approved plan from being applied. */
const CALM: fc.WeightedArbitrary<Operation>[] = [
  { weight: 4, arbitrary: scan },
  { weight: 2, arbitrary: rescan },
  { weight: 4, arbitrary: step },
  { weight: 6, arbitrary: fc.constant<Operation>({ op: "run" }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("wait" as const), run: choice }) },
  { weight: 6, arbitrary: goTo },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("advance" as const),
      minutes: fc.nat(600),
      areTimersOnTime: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("expire" as const),
      run: choice,
      areTimersOnTime: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: saying },
  { weight: 6, arbitrary: fc.record({ op: fc.constant("say" as const), say: consent }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("scanner" as const), mail: choice }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("forge" as const), run: choice }) },
];

const guess = fc.record({
  op: fc.constant("guess" as const),
  mail: choice,
  times: fc.integer({ min: 2, max: 7 }),
});

const STORMY: fc.WeightedArbitrary<Operation>[] = [
  ...CALM,
  { weight: 4, arbitrary: race },
  { weight: 3, arbitrary: double },
  { weight: 2, arbitrary: twin },
  { weight: 1, arbitrary: guess },
  { weight: 6, arbitrary: fault },
  { weight: 2, arbitrary: others },
  { weight: 4, arbitrary: meddle },
  { weight: 1, arbitrary: fc.constant<Operation>({ op: "pause" }) },
  { weight: 1, arbitrary: fc.constant<Operation>({ op: "resume" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("effect" as const),
      queue: choice,
      effect: fc.constantFrom<Effect[]>("better", "unchanged", "worse", "nothing"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("break" as const),
      queue: choice,
      broken: fc.constantFrom<Broken[]>("nothing", "queue", "tags", "function"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("stop" as const), run: choice }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("redeploy" as const),
      quorum: fc.integer({ min: 1, max: 2 }),
      capSeconds: fc.constantFrom(43_200, 100),
    }),
  },
];

const operations = (kinds: fc.WeightedArbitrary<Operation>[]): fc.Arbitrary<Operation[]> =>
  fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: MOST_OPERATIONS, size: "max" });

/** A set-up and what happens after its first scan. */
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  setup,
  operations: fc.oneof(
    { weight: 1, arbitrary: operations(CALM) },
    { weight: 3, arbitrary: operations(STORMY) },
  ),
});
