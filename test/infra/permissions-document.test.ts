import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { permissionsDocument } from "../../scripts/permissions-document.ts";
import { holderOf, identityStatements, synthesise } from "../support/synthesised-stack.ts";

const written = readFileSync(new URL("../../docs/permissions.md", import.meta.url), "utf8");

/** The rows below a heading, as cells. */
function rowsUnder(heading: string): string[][] {
  const [, rest = ""] = written.split(`\n### ${heading}\n`);
  return rest
    .split(/\n#/, 1)
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (mode|role|---)/.test(line))
    .map((line) =>
      line
        .slice(2, -2)
        .split(" | ")
        .map((cell) => cell.trim()),
    );
}

const codeIn = (cell: string | undefined) => [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, text]) => text);

describe("docs/permissions.md", () => {
  test("is what npm run permissions prints", () => {
    expect(written).toBe(permissionsDocument());
  });

  test("the one write to the account stands under Apply, with its condition and a reason, and nowhere else", () => {
    expect(rowsUnder("Apply").filter((row) => row.join().includes("SetQueueAttributes"))).toEqual([
      [
        "approve",
        "`sqs:SetQueueAttributes`",
        "`arn:<partition>:sqs:<region>:<account>:*`",
        "`StringNotEquals aws:ResourceTag/doubletake:mode = observe`",
        "changeQueues says which queues may be changed; their tags may narrow it further.",
      ],
    ]);
    expect(written.match(/^\|.*SetQueueAttributes/gm)).toHaveLength(1);
  });

  test.each(["observe", "approve"])("%s: each function's table lists what its role holds", (mode) => {
    const held = new Map<string, Set<string>>();
    for (const { roles, actions } of identityStatements(synthesise({ mode }))) {
      for (const holder of roles.map(holderOf).filter((name) => !/Role/.test(name))) {
        held.set(holder, new Set([...(held.get(holder) ?? []), ...actions]));
      }
    }
    expect(held.size).toBeGreaterThan(0);
    for (const [holder, actions] of held) {
      const listed = rowsUnder(holder)
        .filter(([of]) => of === "both" || of === mode)
        .flatMap(([, cell]) => codeIn(cell));
      expect({ holder, actions: [...new Set(listed)].sort() }).toEqual({
        holder,
        actions: [...actions].sort(),
      });
    }
  });
});
