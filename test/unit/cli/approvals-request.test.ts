import { describe, expect, test } from "@jest/globals";
import { parseApprovalsRequest } from "../../../cli/approvals-request.ts";

const parse = (args: readonly string[], env: Record<string, string> = {}) =>
  parseApprovalsRequest(args, { env });

describe("parseApprovalsRequest", () => {
  test.each([
    { args: ["list"], task: { verb: "list", all: false } },
    { args: ["list", "--all"], task: { verb: "list", all: true } },
    { args: ["show", "abcdef"], task: { verb: "show", change: "abcdef" } },
    { args: ["--yes", "approve", "abcdef"], task: { verb: "approve", change: "abcdef", yes: true } },
    { args: ["approve", "abcdef"], task: { verb: "approve", change: "abcdef", yes: false } },
    {
      args: ["reject", "abcdef", "--reason", " not now "],
      task: { verb: "reject", change: "abcdef", reason: "not now" },
    },
    { args: ["pause"], task: { verb: "pause" } },
    { args: ["resume"], task: { verb: "resume" } },
  ])("$args", ({ args, task }) => {
    expect(parse([...args, "--function", "f"])).toEqual({ task, format: "table", functionName: "f" });
  });

  test("connection and format are passed on", () => {
    expect(
      parse([
        ...[
          "list",
          "--function",
          "arn:aws:lambda:eu-west-1:123456789012:function:f",
          "--region",
          "eu-west-1",
        ],
        ...["--profile", "ops", "--endpoint-url", "http://127.0.0.1:4566", "--format", "json"],
      ]),
    ).toEqual({
      task: { verb: "list", all: false },
      format: "json",
      functionName: "arn:aws:lambda:eu-west-1:123456789012:function:f",
      region: "eu-west-1",
      profile: "ops",
      endpointUrl: "http://127.0.0.1:4566",
    });
  });

  test("the function's name may come from the environment, and the option wins", () => {
    const env = { DOUBLETAKE_APPROVALS_FUNCTION: "from-env" };
    expect(parse(["list"], env).functionName).toBe("from-env");
    expect(parse(["list", "--function", "f"], env).functionName).toBe("f");
  });

  test.each([
    {
      args: ["list"],
      message: /--function NAME or set DOUBLETAKE_APPROVALS_FUNCTION.*ApprovalsFunctionName.*mail/,
    },
    { args: ["list", "--function", ""], message: /no approvals function is named/ },
    { args: ["list", "--function", "a b"], message: /^--function: expected the name or ARN .*"a b"$/ },
    { args: [], message: /expects one of list, show, .*got nothing/ },
    { args: ["aprove"], message: /got "aprove"; did you mean approve\?/ },
    { args: ["list", "abcdef"], message: /"approvals list" takes options only, got "abcdef"/ },
    { args: ["pause", "abcdef"], message: /"approvals pause" takes options only/ },
    { args: ["show"], message: /"approvals show" expects one change, got none/ },
    { args: ["show", "abcdef", "abcdeg"], message: /expects one change, got "abcdef", "abcdeg"/ },
    { args: ["show", "abcde"], message: /at least its first 6 characters, got "abcde"/ },
    { args: ["reject", "abcdef"], message: /needs a reason: --reason TEXT/ },
    { args: ["reject", "abcdef", "--reason", "  "], message: /needs a reason: --reason TEXT/ },
    { args: ["approve", "abcdef", "--reason", "x"], message: /--reason goes with "approvals reject"/ },
    { args: ["reject", "abcdef", "--reason", "x", "--yes"], message: /--yes goes with "approvals approve"/ },
    { args: ["show", "abcdef", "--all"], message: /--all goes with "approvals list"/ },
    {
      args: ["list", "--function", "f", "--format", "markdown"],
      message: /--format: expected one of table, json/,
    },
    { args: ["list", "--function", "f", "--endpoint-url", "x"], message: /--endpoint-url: expected a URL/ },
  ])("$args is a usage error", ({ args, message }) => {
    expect(() => parse(args)).toThrow(
      expect.objectContaining({ name: "ConfigError", message: expect.stringMatching(message) }),
    );
  });
});
