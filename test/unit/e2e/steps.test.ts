// The end-to-end run's own runner: a failure that names nothing, or leaves something behind, would be found far too late.
import { describe, expect, test } from "@jest/globals";
import {
  InterruptedError,
  MisconfiguredError,
  type Run,
  runSteps,
  UnavailableError,
} from "../../e2e/steps.ts";

const never = new Promise<never>(() => undefined);

/** Plays it on a clock that only `pass` moves. */
async function played(
  play: (run: Run, pass: (seconds: number) => void) => Promise<void>,
  interrupted: Promise<never> = never,
) {
  const lines: string[] = [];
  let nowMs = 0;
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  const exitCode = await runSteps((run) => play(run, pass), {
    print: (line) => lines.push(line),
    nowMs: () => nowMs,
    interrupted,
  });
  return { exitCode, lines, text: lines.join("\n") };
}

describe("runSteps", () => {
  test("prints what was said, each step with its seconds, and the total", async () => {
    const { exitCode, lines } = await played(async ({ step, say }, pass) => {
      const answer = await step("ask", async () => {
        pass(2);
        say("asking");
        pass(1.5);
        return 42;
      });
      await step("tell", async () => {
        say(`it is ${answer}`);
        pass(10);
      });
    });
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      "   2.0 s  asking",
      "   3.5 s  ✔ ask (3.5 s)",
      "   3.5 s  it is 42",
      "  13.5 s  ✔ tell (10.0 s)",
      "",
      "   3.5 s  ask",
      "  10.0 s  tell",
      "  13.5 s  in all, 2 steps",
    ]);
  });

  test("a step that fails is named, with its error and the evidence, and the later ones are not played", async () => {
    const { exitCode, text } = await played(async ({ step, onFailure }, pass) => {
      onFailure(async () => ["the log said so"]);
      await step("first", async () => undefined);
      await step("second", () => {
        pass(1);
        return Promise.reject(new Error("no queue"));
      });
      await step("third", async () => undefined);
    });
    expect(exitCode).toBe(1);
    expect(text).toMatch(/FAILED in the step "second", after 1\.0 s: Error: no queue/);
    expect(text).toContain("\nthe log said so\n");
    expect(text).toContain("first");
    expect(text).not.toContain("third");
    expect(text).toMatch(/in all, 1 steps$/);
  });

  test("evidence that cannot be read does not hide the failure", async () => {
    const { exitCode, text } = await played(async ({ step, onFailure }) => {
      onFailure(() => Promise.reject(new Error("gone")));
      await step("only", () => Promise.reject(new Error("no queue")));
    });
    expect(exitCode).toBe(1);
    expect(text).toContain("no queue");
    expect(text).toContain("no evidence could be kept: Error: gone");
  });

  test("evidence is gathered before anything is taken away", async () => {
    const order: string[] = [];
    await played(async ({ lifetime, onFailure }) => {
      lifetime.add(() => order.push("emulator stopped"));
      onFailure(async () => {
        order.push("evidence");
        return [];
      });
      throw new Error("no queue");
    });
    expect(order).toEqual(["evidence", "emulator stopped"]);
  });

  test.each([
    {
      what: "a machine that cannot run it is no failure",
      error: new UnavailableError("no Python"),
      expected: 77,
    },
    { what: "a wrong setting is one", error: new MisconfiguredError("no URL"), expected: 1 },
  ])("$what: $expected, in a sentence, and nothing counts as tested", async ({ error, expected }) => {
    const { exitCode, text } = await played(async ({ step }) => {
      await step("start", () => Promise.reject(error));
    });
    expect(exitCode).toBe(expected);
    expect(text).toBe(`e2e did not run: ${error.message}. Nothing was tested.`);
  });

  test.each([
    { signal: "SIGINT" as const, expected: 130 },
    { signal: "SIGTERM" as const, expected: 143 },
  ])("$signal ends it in the middle of a step, and everything is undone", async ({ signal, expected }) => {
    const undone: string[] = [];
    let interrupt: (error: Error) => void = () => undefined;
    const interrupted = new Promise<never>((_, reject) => {
      interrupt = reject;
    });
    const { exitCode, text } = await played(async ({ step, lifetime, onFailure }) => {
      onFailure(async () => ["evidence"]);
      lifetime.add(() => undone.push("emulator"));
      lifetime.add(() => Promise.reject(new Error("gone already")));
      lifetime.add(() => undone.push("tap"));
      await step("wait", () => {
        interrupt(new InterruptedError(signal));
        return never;
      });
    }, interrupted);
    expect(exitCode).toBe(expected);
    expect(text).toContain(`interrupted by ${signal} in the step "wait"`);
    expect(text).not.toContain("evidence");
    expect(undone).toEqual(["tap", "emulator"]);
  });

  test("what is started after the end is undone at once, and what is forgotten never", async () => {
    const undone: string[] = [];
    let late: Run["lifetime"] | undefined;
    await played(async ({ lifetime }) => {
      late = lifetime;
      const forget = lifetime.add(() => undone.push("command"));
      forget();
    });
    late?.add(() => undone.push("late"));
    await Promise.resolve();
    expect(undone).toEqual(["late"]);
  });
});
