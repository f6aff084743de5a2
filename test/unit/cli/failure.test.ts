import { describe, expect, test } from "@jest/globals";
import { reportFailure } from "../../../cli/failure.ts";
import {
  AccountUnreadableError,
  ConfigError,
  TransientError,
  UnreadableError,
} from "../../../core/errors.ts";
import { fakeIo } from "../../support/fake-io.ts";

function renamed(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

describe("failure", () => {
  test.each([
    {
      error: new ConfigError("--port: expected a number"),
      code: 2,
      text: "doubletake: --port: expected a number\n",
    },
    { error: new AccountUnreadableError("no credentials"), code: 3, text: "doubletake: no credentials\n" },
    {
      error: new TransientError("AWS throttled"),
      code: 3,
      text: "doubletake: AWS throttled; try again later\n",
    },
    { error: new UnreadableError("q", "denied"), code: 3, text: "doubletake: cannot read q: denied\n" },
    {
      error: renamed("AccountUnreadableError", "the interpreter keeps the name only"),
      code: 3,
      text: "doubletake: the interpreter keeps the name only\n",
    },
    {
      error: new Error("wrapper", { cause: new ConfigError("the real reason") }),
      code: 2,
      text: "doubletake: the real reason\n",
    },
    {
      error: new Error("a\u001b[2Jb"),
      code: 3,
      text: "doubletake: unexpected failure: a\uFFFD[2Jb (set DOUBLETAKE_DEBUG=1 for the stack trace)\n",
    },
    { error: "a string", code: 3, text: /^doubletake: unexpected failure: a string \(set/ },
  ])("$error → exit code $code", ({ error, code, text }) => {
    const io = fakeIo();
    expect(reportFailure(error, io)).toBe(code);
    if (typeof text === "string") expect(io.err()).toBe(text);
    else expect(io.err()).toMatch(text);
    expect(io.err()).not.toMatch(/ at .*:\d+/);
    expect(io.out()).toBe("");
  });

  test("a configuration's problems keep their lines", () => {
    const io = fakeIo();
    reportFailure(new ConfigError("2 problems in x:\n  a: expected 1\n  b: expected 2"), io);
    expect(io.err()).toBe("doubletake: 2 problems in x:\n  a: expected 1\n  b: expected 2\n");
  });

  test("who asks for the stack gets it, causes too", () => {
    const io = fakeIo({ env: { DOUBLETAKE_DEBUG: "1" } });
    reportFailure(new ConfigError("outer", { cause: new Error("inner") }), io);
    expect(io.err()).toMatch(/outer[\s\S]* at [\s\S]*caused by: Error: inner[\s\S]* at /);
  });
});
