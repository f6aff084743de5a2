import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { balanceFlow, type FlowSeries, messagesHandled } from "../../../core/detect/flow-balance.ts";

const MINUTES = 180;
const even = (total: number) => new Array<number>(MINUTES).fill(total / MINUTES);
const level = (from: number, to = from) =>
  Array.from({ length: MINUTES }, (_, minute) => from + ((to - from) * minute) / (MINUTES - 1));

const flow = (over: Partial<FlowSeries> = {}) =>
  balanceFlow({
    sent: even(1000),
    received: even(1000),
    deleted: even(1000),
    visible: level(0),
    inFlight: level(0),
    delayed: level(0),
    deadLetterBacklog: undefined,
    ...over,
  });

describe("balanceFlow", () => {
  test.each([
    { name: "each message once", over: {}, receives: false, deletes: false },
    {
      name: "a backlog that drains: received and deleted above sent",
      over: { received: even(3000), deleted: even(3000), visible: level(2000, 0) },
      receives: false,
      deletes: false,
    },
    {
      name: "a backlog that grows",
      over: { received: even(400), deleted: even(400), visible: level(0, 600) },
      receives: false,
      deletes: false,
    },
    {
      name: "both copies succeed: received and deleted rise together",
      over: { received: even(1100), deleted: even(1100) },
      receives: true,
      deletes: true,
    },
    {
      name: "retries: received above deleted",
      over: { received: even(1100) },
      receives: true,
      deletes: false,
    },
    {
      name: "a long function fills the flight: received, not yet deleted",
      over: { received: even(1000), deleted: even(900), inFlight: level(0, 100) },
      receives: false,
      deletes: false,
    },
    {
      name: "an excess within the noise of the counters",
      over: { received: even(1010), deleted: even(1010) },
      receives: false,
      deletes: false,
    },
    {
      name: "a handful of messages proves nothing",
      over: { sent: even(10), received: even(13), deleted: even(13) },
      receives: false,
      deletes: false,
    },
    {
      name: "dead-lettered messages are not excess deletes",
      over: { received: even(1250), deleted: even(950), deadLetterBacklog: level(0, 50) },
      receives: true,
      deletes: false,
    },
    {
      name: "a redrive from the dead-letter queue explains deletes that nobody sent",
      over: { received: even(1100), deleted: even(1100), deadLetterBacklog: level(100, 0) },
      receives: false,
      deletes: false,
    },
    {
      name: "a dead-letter queue shared with others does not turn their failures into our duplicates",
      over: { deadLetterBacklog: level(0, 200) },
      receives: false,
      deletes: false,
    },
  ])("$name", ({ over, receives, deletes }) => {
    const balance = flow(over);
    expect([balance.receivesSignificant, balance.deletesSignificant]).toEqual([receives, deletes]);
  });

  test("gives the figures of the balance", () => {
    const balance = flow({
      received: even(3300),
      deleted: even(3200),
      visible: level(2000, 0),
      inFlight: level(20, 30),
      delayed: level(5, 0),
      deadLetterBacklog: level(3, 8),
    });
    expect(balance).toMatchObject({ backlogChange: -1995, deadLettered: 5 });
    expect(balance.sent).toBeCloseTo(1000);
    expect(balance.excessDeletes.value).toBeCloseTo(3200 - (1000 + 1995 - 5));
    expect(balance.excessReceives.value).toBeCloseTo(3300 - (1000 + 2005 - 5));
    expect(messagesHandled(balance)).toBeCloseTo(2995);
  });

  test("an unreadable dead-letter queue leaves everything up to all deletes possible", () => {
    const balance = flow({ deadLetterBacklog: null });
    expect(balance.deadLettered).toBe(0);
    expect(balance.excessDeletes.high).toBeCloseTo(1000);
  });

  test("a dead-letter queue, where messages arrive uncounted, shows no excess", () => {
    const deadLetters = { sent: even(0), visible: level(40, 10), arrivesUncounted: true };
    const balance = flow(deadLetters);
    expect(balance).toMatchObject({ receivesSignificant: false, deletesSignificant: false });
    expect(balance.sent).toBeCloseTo(970);
    expect(messagesHandled(balance)).toBeCloseTo(1000);
    expect(balance.excessDeletes).toMatchObject({ value: expect.closeTo(0), low: 0 });
    expect(balance.excessDeletes.high).toBeCloseTo(1000);
    const looked = flow({ ...deadLetters, received: even(1600) });
    expect(looked.receivesSignificant).toBe(false);
    expect(looked.excessReceives).toMatchObject({ value: expect.closeTo(600), low: 0 });
    expect(flow({ ...deadLetters, arrivesUncounted: false }).deletesSignificant).toBe(true);
  });

  test("what is sent straight to a dead-letter queue is counted", () => {
    expect(flow({ deleted: even(900), arrivesUncounted: true }).sent).toBeCloseTo(1000);
  });

  test("traffic and change at the edges widen the interval", () => {
    const calm = flow({ visible: level(500) });
    const burst = [400, ...new Array<number>(MINUTES - 1).fill(600 / (MINUTES - 1))];
    const jump = [100, ...new Array<number>(MINUTES - 1).fill(500)];
    const width = (balance: ReturnType<typeof flow>) => balance.excessDeletes.high;
    expect(width(flow({ sent: burst, visible: level(500) }))).toBeGreaterThan(width(calm));
    expect(width(flow({ visible: jump, deleted: even(600) }))).toBeGreaterThan(width(calm));
  });

  test("empty series balance to nothing", () => {
    const none: readonly number[] = [];
    const balance = balanceFlow({
      sent: none,
      received: none,
      deleted: none,
      visible: none,
      inFlight: none,
      delayed: none,
      deadLetterBacklog: none,
    });
    expect(balance.excessDeletes).toEqual({ value: 0, low: 0, high: 0 });
    expect(balance.deletesSignificant).toBe(false);
  });

  const counts = fc.array(fc.nat(500), { minLength: 3, maxLength: 60 });
  const series = fc.tuple(counts, fc.infiniteStream(fc.nat(500))).map(([sent, stream]) => {
    const like = () => sent.map(() => stream.next().value as number);
    return {
      sent,
      received: like(),
      deleted: like(),
      visible: like(),
      inFlight: like(),
      delayed: like(),
      deadLetterBacklog: like(),
    };
  });

  test("intervals hold their value and stay within what was counted", () => {
    fc.assert(
      fc.property(series, (input) => {
        const balance = balanceFlow(input);
        for (const [estimate, most] of [
          [balance.excessReceives, balance.received],
          [balance.excessDeletes, balance.deleted],
        ] as const) {
          expect(estimate.low).toBeGreaterThanOrEqual(0);
          expect(estimate.low).toBeLessThanOrEqual(estimate.value);
          expect(estimate.value).toBeLessThanOrEqual(estimate.high);
          expect(estimate.high).toBeLessThanOrEqual(most);
        }
        expect(balance.deletesSignificant).toBe(balance.excessDeletes.low > 0);
        expect(balance.receivesSignificant).toBe(balance.excessReceives.low > 0);
      }),
    );
  });

  test("doubling all traffic doubles every count and estimate", () => {
    fc.assert(
      fc.property(series, (input) => {
        const twice = (points: readonly number[]) => points.map((count) => 2 * count);
        const once = balanceFlow(input);
        const doubled = balanceFlow({
          sent: twice(input.sent),
          received: twice(input.received),
          deleted: twice(input.deleted),
          visible: twice(input.visible),
          inFlight: twice(input.inFlight),
          delayed: twice(input.delayed),
          deadLetterBacklog: twice(input.deadLetterBacklog),
        });
        for (const count of ["sent", "received", "deleted", "backlogChange", "deadLettered"] as const) {
          expect(doubled[count]).toBe(2 * once[count]);
        }
        expect(doubled.excessReceives.value).toBe(2 * once.excessReceives.value);
        expect(doubled.excessDeletes.value).toBe(2 * once.excessDeletes.value);
        // Noise grows slower than counts do: more traffic proves more, never less.
        expect(Number(doubled.deletesSignificant)).toBeGreaterThanOrEqual(Number(once.deletesSignificant));
        expect(Number(doubled.receivesSignificant)).toBeGreaterThanOrEqual(Number(once.receivesSignificant));
      }),
    );
  });

  test("when within the window things happened changes no count and no estimate", () => {
    const shuffled = series.chain((input) => {
      const inner = input.sent.map((_, minute) => minute).slice(1, -1);
      return fc.shuffledSubarray(inner, { minLength: inner.length }).map((order) => ({ input, order }));
    });
    fc.assert(
      fc.property(shuffled, ({ input, order }) => {
        const mixed = (points: readonly number[]) =>
          [0, ...order, points.length - 1].map((minute) => points[minute] ?? 0);
        const [before, after] = [
          balanceFlow(input),
          balanceFlow({
            sent: mixed(input.sent),
            received: mixed(input.received),
            deleted: mixed(input.deleted),
            visible: mixed(input.visible),
            inFlight: mixed(input.inFlight),
            delayed: mixed(input.delayed),
            deadLetterBacklog: mixed(input.deadLetterBacklog),
          }),
        ];
        const counts = ({ sent, received, deleted, backlogChange, deadLettered }: typeof before) => [
          sent,
          received,
          deleted,
          backlogChange,
          deadLettered,
        ];
        expect(counts(after)).toEqual(counts(before));
        expect(after.excessDeletes.value).toBe(before.excessDeletes.value);
        expect(after.excessReceives.value).toBe(before.excessReceives.value);
      }),
    );
  });

  test.each(["start", "end"] as const)(
    "a queue that works off each message once is never significant, whatever its traffic (levels at the %s of a minute)",
    (phase) => {
      fc.assert(
        fc.property(counts, fc.nat(1000), (sent, backlog) => {
          // What was sent in one minute is received and deleted in the next.
          const handled = [backlog, ...sent.slice(0, -1)];
          const zeros = sent.map(() => 0);
          const balance = balanceFlow({
            sent,
            received: handled,
            deleted: handled,
            visible: phase === "end" ? sent : handled,
            inFlight: zeros,
            delayed: zeros,
            deadLetterBacklog: undefined,
          });
          expect([balance.receivesSignificant, balance.deletesSignificant]).toEqual([false, false]);
        }),
      );
    },
  );

  test("levels that end early count as empty from there on", () => {
    const balance = flow({ visible: level(10), inFlight: [4], delayed: [6] });
    expect(balance.backlogChange).toBe(-10);
  });
});
