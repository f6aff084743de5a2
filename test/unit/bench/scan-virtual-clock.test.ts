import { describe, expect, test } from "@jest/globals";
import { VirtualClock, type Worker } from "../../../bench/scan/virtual-clock.ts";

const HOUR_MS = 3_600_000;

const newWorker = (cpuShare = 1): Worker => ({ cpuShare, busyUntilMs: 0, cpuMs: 0, stopped: false });

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps the CPU busy for so long. */
function compute(ms: number): void {
  const used = () => process.threadCpuUsage().user + process.threadCpuUsage().system;
  const startedMicros = used();
  while (used() - startedMicros < ms * 1000);
}

describe("the virtual clock", () => {
  test("waits for hours in no time, also with the timers of code that knows nothing of it", async () => {
    const clock = new VirtualClock();
    const startedMs = performance.now();
    await clock.run(async () => {
      await wait(HOUR_MS);
      await clock.until(3 * HOUR_MS);
    });
    expect(clock.now()).toBe(3 * HOUR_MS);
    expect(performance.now() - startedMs).toBeLessThan(HOUR_MS / 100);
  });

  test("wakes everybody in the order of their times", async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    const sleep = async (name: string, ms: number) => {
      await wait(ms);
      woken.push(`${name} at ${clock.now()}`);
    };
    await clock.run(async () => {
      await Promise.all([sleep("late", 300), sleep("early", 100), sleep("between", 200)]);
    });
    expect(woken).toEqual(["early at 100", "between at 200", "late at 300"]);
  });

  test("stands still while a request is under way", async () => {
    const clock = new VirtualClock();
    const { promise, resolve } = Promise.withResolvers<string>();
    const answeredAt = await clock.run(async () => {
      void wait(50);
      setImmediate(() =>
        setImmediate(() => setImmediate(() => setImmediate(() => setImmediate(resolve, "answer")))),
      );
      await clock.request(promise);
      return clock.now();
    });
    expect(answeredAt).toBe(0);
  });

  test("a cancelled timer does not run", async () => {
    const clock = new VirtualClock();
    let ran = false;
    await clock.run(async () => {
      const timer = setTimeout(() => {
        ran = true;
      }, 10);
      clearTimeout(timer);
      await wait(20);
    });
    expect(ran).toBe(false);
  });

  test("half a CPU takes twice the time", async () => {
    const clock = new VirtualClock();
    const worker = newWorker(0.5);
    await clock.run(async () => {
      await clock.until(100, worker);
      await clock.as(worker, async () => {
        compute(10);
        await clock.until(clock.now());
      });
    });
    expect(worker.cpuMs).toBeGreaterThanOrEqual(10);
    expect(clock.now()).toBeGreaterThanOrEqual(100 + 2 * 10);
    expect(worker.busyUntilMs).toBeGreaterThanOrEqual(100 + 2 * 10);
  });

  test("two workers compute at the same time", async () => {
    const clock = new VirtualClock();
    const work = async (worker: Worker) => {
      await clock.until(0, worker);
      await clock.as(worker, async () => {
        compute(30);
        await clock.until(clock.now());
      });
    };
    await clock.run(() => Promise.all([work(newWorker()), work(newWorker())]));
    expect(clock.now()).toBeGreaterThanOrEqual(30);
    expect(clock.now()).toBeLessThan(2 * 30);
  });

  test("a stopped worker is not woken again", async () => {
    const clock = new VirtualClock();
    const worker = newWorker();
    let woken = false;
    await clock.run(async () => {
      void clock.until(100, worker).then(() => {
        woken = true;
      });
      await wait(50);
      worker.stopped = true;
      await wait(100);
    });
    expect(woken).toBe(false);
  });

  test("gives the timers back, also when the work fails", async () => {
    const { setTimeout: real } = globalThis;
    const failing = new VirtualClock().run(() => Promise.reject(new Error("on purpose")));
    await expect(failing).rejects.toThrow("on purpose");
    expect(globalThis.setTimeout).toBe(real);
  });
});
