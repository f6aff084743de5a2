import { describe, expect, test } from "@jest/globals";
import { SCAN_STATES } from "../../../bench/scan/functions.ts";
import { gigabyteSeconds, type Invocation, lambdaHandlers } from "../../../bench/scan/lambda.ts";
import { NEW_ENVIRONMENT_MS, STATE_MS } from "../../../bench/scan/latencies.ts";
import { VirtualClock } from "../../../bench/scan/virtual-clock.ts";
import type { ScanState } from "../../../functions/scan-handlers.ts";

const INIT_MS = 200;

const perState = <T>(value: T) =>
  Object.fromEntries(SCAN_STATES.map((state) => [state, value])) as Record<ScanState, T>;

/** Every function is of one CPU and ten seconds, and does `work`. */
function deploy(work: (event: unknown, clock: VirtualClock) => Promise<unknown>) {
  const clock = new VirtualClock();
  const ended: Invocation[] = [];
  const loaded: ScanState[] = [];
  const handlers = lambdaHandlers({
    clock,
    load: (state) => {
      loaded.push(state);
      return (event) => work(event, clock);
    },
    functions: perState({ memoryMb: 1769, timeoutSeconds: 10 }),
    initMs: INIT_MS,
    onEnd: (invocation) => ended.push(invocation),
  });
  return { clock, handlers, ended, loaded };
}

const seconds = (count: number) => async (event: unknown, clock: VirtualClock) => {
  await clock.until(clock.now() + count * 1000);
  return event;
};

describe("functions on the virtual clock", () => {
  test("the first run starts an environment, the next one uses it", async () => {
    const { clock, handlers, ended, loaded } = deploy(seconds(1));
    await clock.run(async () => {
      await handlers.Measure("first");
      await handlers.Measure("second");
    });
    expect(ended.map(({ initMs }) => initMs)).toEqual([INIT_MS, 0]);
    expect(loaded).toEqual(["Measure"]);
    expect(ended[0]?.startMs).toBeCloseTo(STATE_MS + NEW_ENVIRONMENT_MS + INIT_MS, 0);
    expect(ended.every(({ durationMs }) => durationMs >= 1000 && durationMs < 1500)).toBe(true);
  });

  test("two at once need two environments", async () => {
    const { clock, handlers, ended, loaded } = deploy(seconds(1));
    await clock.run(() => Promise.all([handlers.Measure(1), handlers.Measure(2)]));
    expect(loaded).toEqual(["Measure", "Measure"]);
    expect(ended.map(({ initMs }) => initMs)).toEqual([INIT_MS, INIT_MS]);
  });

  test("a function that runs too long ends with the error that the workflow retries", async () => {
    let woken = false;
    const { clock, handlers, ended } = deploy(async (event, clock) => {
      await seconds(60)(event, clock);
      woken = true;
    });
    await clock.run(async () => {
      await expect(handlers.Discover({})).rejects.toMatchObject({ name: "TransientError" });
      await clock.until(clock.now() + 100_000);
    });
    expect(ended).toMatchObject([{ outcome: "timeout", durationMs: 10_000 }]);
    expect(woken).toBe(false);
  });

  test("its own error comes through", async () => {
    const { clock, handlers, ended } = deploy(() => Promise.reject(new Error("on purpose")));
    await clock.run(() => expect(handlers.Diagnose({})).rejects.toThrow("on purpose"));
    expect(ended).toMatchObject([{ state: "Diagnose", outcome: "error" }]);
  });

  test("is billed by whole milliseconds, loading included", () => {
    const invocation: Invocation = {
      state: "Measure",
      startMs: 0,
      durationMs: 1999.2,
      initMs: 500,
      cpuMs: 10,
      memoryMb: 512,
      outcome: "success",
    };
    expect(gigabyteSeconds(invocation)).toBe(1.25);
  });
});
