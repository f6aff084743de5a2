import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "@jest/globals";
import type { ComparedPath } from "../../../cli/comparison.ts";
import { renderDemoEnd } from "../../../cli/demo-report.ts";
import { fakeIo } from "../../support/fake-io.ts";

const DIGEST = { subject: "Doubletake: 1 new\u001b[2J", text: "NEW\r\n  orders\u009b31m\n```" };
const COMPARISON: ComparedPath[] = [
  { path: "orders", scenario: "healthy", expected: ["quiet"], found: ["quiet"], misses: [] },
  {
    path: "mail",
    scenario: "healthy",
    expected: ["quiet"],
    found: ["throttled (proven)"],
    misses: ["wrong"],
  },
];

describe("the end of the demo", () => {
  test("shows the e-mail line by line, and then the truth", () => {
    const text = renderDemoEnd("table", [DIGEST], COMPARISON, fakeIo());
    expect(text).toContain("| Subject: Doubletake: 1 new\uFFFD[2J\n| \n| NEW\n|   orders\uFFFD31m\n| ```\n");
    expect(text.indexOf("The e-mail that SNS was given")).toBeLessThan(text.indexOf("What really happened"));
    expect(text).toMatch(/1 of 2 paths as expected, 2 of them quiet\.\n$/);
  });

  test("says when there was no e-mail, or more than the one", () => {
    expect(renderDemoEnd("table", [], COMPARISON, fakeIo())).toContain("SNS was given 0 e-mails");
    expect(renderDemoEnd("table", [DIGEST, DIGEST], COMPARISON, fakeIo())).toContain(
      "SNS was given 2 e-mails",
    );
  });

  test("colours are for terminals that want them", () => {
    const plain = renderDemoEnd("table", [DIGEST], COMPARISON, fakeIo());
    const coloured = renderDemoEnd("table", [DIGEST], COMPARISON, fakeIo({ isTerminal: true }));
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
    const refused = fakeIo({ isTerminal: true, env: { NO_COLOR: "1" } });
    expect(renderDemoEnd("table", [DIGEST], COMPARISON, refused)).toBe(plain);
  });

  test("as Markdown the e-mail cannot leave its block", () => {
    const text = renderDemoEnd("markdown", [DIGEST], COMPARISON, fakeIo());
    expect(text).toContain(
      "````text\nSubject: Doubletake: 1 new\uFFFD[2J\n\nNEW\n  orders\uFFFD31m\n```\n````",
    );
    expect(text).toContain("## What really happened");
  });
});
