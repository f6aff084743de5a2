import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { each, html, NOTHING, trusted } from "../../../../functions/approvals/page/html.ts";

describe("html", () => {
  test("escapes what is put in, in text and in attributes", () => {
    const hostile = `<b a="1" c='2'>&`;
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;">&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;</p>',
    );
  });

  test("keeps HTML, numbers and lists of both", () => {
    const list = each([1, 2], (n) => html`<li>${n}</li>`);
    expect(html`<ul>${list}${["<", trusted("<hr>")]}${NOTHING}</ul>`.text).toBe(
      "<ul><li>1</li><li>2</li>&lt;<hr></ul>",
    );
  });

  test.each([
    ["a right-to-left override", "\u202E"],
    ["a zero-width space", "\u200B"],
    ["an escape", "\u001B"],
    ["a NUL", "\u0000"],
    ["half a surrogate pair", "\uD800"],
  ])("shows %s as what it is: something that cannot be seen", (_, character) => {
    expect(html`${`a${character}b`}`.text).toBe("a\uFFFDb");
  });

  test("keeps lines, tabs and every script", () => {
    expect(html`${"a\r\n\tb é 測試 🎉"}`.text).toBe("a\r\n\tb é 測試 🎉");
  });

  test("lets no text out as markup", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(html`${text}`.text).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});
