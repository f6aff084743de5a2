import { describe, expect, test } from "@jest/globals";
import { codeBlock, codeSpan, escapeMarkdown, plainLines, plainText } from "../../../report/text/sanitise.ts";

describe("plainText", () => {
  test.each([
    { name: "an escape sequence loses its escape", text: "a\u001b[31mred", plain: "a\uFFFD[31mred" },
    { name: "the one-character CSI too", text: "a\u009b2Jb", plain: "a\uFFFD2Jb" },
    { name: "a title sequence", text: "\u001b]0;pwned\u0007", plain: "\uFFFD]0;pwned\uFFFD" },
    { name: "bidirectional overrides", text: "ab\u202Egpj.exe", plain: "ab\uFFFDgpj.exe" },
    { name: "zero-width characters", text: "or\u200Bders", plain: "or\uFFFDders" },
    { name: "line breaks become blanks", text: " a\r\n b\tc ", plain: "a b c" },
    { name: "a lone surrogate", text: "a\ud800b", plain: "a\uFFFDb" },
    {
      name: "letters of any language stay",
      text: "Bestellübersicht 注文 ✓",
      plain: "Bestellübersicht 注文 ✓",
    },
  ])("$name", ({ text, plain }) => {
    expect(plainText(text)).toBe(plain);
  });

  test("lines keep their indentation and lose everything invisible", () => {
    expect(plainLines("a:\r\n\tb: 1\u001b[0m  \n")).toEqual(["a:", "  b: 1\uFFFD[0m", ""]);
  });
});

describe("escapeMarkdown", () => {
  test.each([
    { name: "emphasis", text: "a *b* _c_", markdown: "a \\*b\\* \\_c\\_" },
    { name: "a link", text: "[x](http://evil)", markdown: "\\[x\\](http:<!-- -->//evil)" },
    { name: "a bare host", text: "see www.evil.example", markdown: "see www.<!-- -->evil.example" },
    { name: "HTML", text: "<img src=x>", markdown: "\\<img src=x\\>" },
    { name: "a table cell", text: "a|b", markdown: "a\\|b" },
    { name: "a mention", text: "@team", markdown: "@<!-- -->team" },
    { name: "a reference", text: "#12", markdown: "\\#12" },
    { name: "a list", text: "- item", markdown: "\\- item" },
    { name: "a numbered list", text: "12. item", markdown: "12\\. item" },
    { name: "a line break cannot start a block", text: "a\n# b", markdown: "a \\# b" },
    { name: "code", text: "`rm`", markdown: "\\`rm\\`" },
  ])("$name", ({ text, markdown }) => {
    expect(escapeMarkdown(text)).toBe(markdown);
  });
});

describe("code", () => {
  test.each([
    { text: "orders", span: "`orders`" },
    { text: "a`b", span: "``a`b``" },
    { text: "`a``b", span: "``` `a``b ```" },
    { text: "a|b", span: "`a\\|b`" },
    { text: "", span: "`  `" },
  ])("the span of $text cannot be left early", ({ text, span }) => {
    expect(codeSpan(text)).toBe(span);
  });

  test("a block's fence is longer than any fence inside", () => {
    expect(codeBlock(["a", "```", "b"], "yaml")).toBe("````yaml\na\n```\nb\n````");
  });
});
