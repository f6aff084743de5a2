import { describe, expect, test } from "@jest/globals";
import { FindingDocument } from "../../../core/model/finding.ts";
import { renderJson } from "../../../report/json.ts";
import { renderMarkdown } from "../../../report/markdown.ts";
import { finding, findingDocument, path, queueArn } from "../../support/finding-documents.ts";

describe("markdown", () => {
  test("begins with the account and a table, the worst path first", () => {
    const lines = renderMarkdown(findingDocument()).split("\n");
    expect(lines[0]).toBe("# Duplicate deliveries from SQS to Lambda");
    expect(lines).toContain(
      "| `orders-created` | `fulfil-order` | duplicating | visibility-expired | proven | 12 (3.1 % twice) | 30 → 360 s |",
    );
  });

  test("a finding has its drawing, its plan and patches that can be unfolded", () => {
    const text = renderMarkdown(findingDocument());
    expect(text).toContain(
      "## visibility-expired: processed twice, the visibility timeout ends too early\n\nThe visibility timeout ends while",
    );
    expect(text).toContain("### `orders-created`\n\n*proven, critical.* Invocations ran up to 45 s.");
    expect(text).toMatch(
      /```text\n059f36b4-87a3-44ab-83d2-661975830a7d {2}\(█ both at work\)\n1 {2}11111111 {2}━+█+ /,
    );
    expect(text).toContain("**Proposed:** visibility timeout 30 s → 360 s (6 min);");
    expect(text).toContain(
      "<details><summary>cloudformation</summary>\n\n```yaml\nOrdersQueue:\n  Properties:\n    VisibilityTimeout: 360\n```\n\n</details>",
    );
    expect(text).toContain("Owned by stack `orders-prod` (`OrdersQueue`).");
  });

  test("of many findings each cause is explained once, with one drawing and what is alike for its queues", () => {
    const many = ["a", "b", "c", "d"].map((name, index) =>
      finding({ id: name, queueArn: queueArn(name), counts: { ...finding().counts, messages: 9 - index } }),
    );
    const text = renderMarkdown(findingDocument({ findings: many }));
    expect(text.match(/^## visibility-expired/gm)).toHaveLength(1);
    expect(text.match(/^### `[a-d]`$/gm)).toEqual(["### `a`", "### `b`", "### `c`", "### `d`"]);
    expect(text.match(/```text/g)).toHaveLength(1);
    expect(text.match(/^\*\*What to do:\*\*/gm)).toHaveLength(1);
    expect(text.match(/Make the function idempotent/g)).toHaveLength(1);
    expect(text).toContain("### For all of these queues");
  });

  test("what could not be read, what is only advice and what the scan took have their place", () => {
    const text = renderMarkdown(findingDocument());
    expect(text).toContain(
      "## Could not be read\n\n- `arn:aws:sqs:eu-central-1:123456789012:secret-queue`: sqs:",
    );
    expect(text).toContain("## Below AWS's recommendation, nothing seen\n\n- `mail`: AWS recommends 180 s");
    expect(text).toContain("## Notes\n\n- `secret-queue`: the queue could not be read");
    expect(text).toContain("<sub>This scan: 4.2 s, 6 AWS calls, 12.3 MB of logs read, about $0.0042.</sub>");
  });

  test("names and reasons cannot add cells, HTML, links or blocks", () => {
    const { scan } = findingDocument();
    const evil = "a|b`c\n\n# d <img src=x onerror=alert(1)> [e](http://f) @g";
    const text = renderMarkdown(
      findingDocument({
        scan: { ...scan, unreadable: [{ resource: "r", reason: evil }] },
        paths: [{ ...path(evil, "duplicating"), functionArns: [`arn:aws:lambda:r:1:function:${evil}`] }],
        findings: [
          finding({
            facts: [evil],
            advice: [{ kind: "x", summary: evil, patch: { "<b>": "```\n# no" } }],
          }),
        ],
      }),
    );
    const outsideCode = text
      .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, "")
      .replace(/(`+)(?!`).*?[^`]\1(?!`)/g, "");
    expect(outsideCode).not.toMatch(/(?<!\\)<img|(?<!\\)\[e|^# d|@g|:\/\//m);
    expect(text).toContain("<summary>b</summary>");
    const row = text.split("\n").find((line) => line.startsWith("| ") && line.includes("duplicating"));
    expect(row?.match(/(?<!\\)\|/g)?.length).toBe(8);
  });

  test("an account without findings is a short page", () => {
    const { scan } = findingDocument();
    const text = renderMarkdown(
      findingDocument({ scan: { ...scan, unreadable: [] }, paths: [], findings: [] }),
    );
    expect(text.match(/^#+ .*/gm)).toEqual(["# Duplicate deliveries from SQS to Lambda"]);
    expect(text).not.toContain("|");
  });
});

describe("json", () => {
  test("is the finding document, and only that", () => {
    const text = renderJson(findingDocument());
    expect(FindingDocument.parse(JSON.parse(text))).toEqual(findingDocument());
    expect(text.endsWith("}\n")).toBe(true);
  });

  test("holds no character that a terminal acts on, and loses none", () => {
    const explanation = "a\u001b[31m\u009b31m\u007f\u202e\u2028z";
    const text = renderJson(findingDocument({ findings: [finding({ explanation })] }));
    expect(text).not.toMatch(/[^\n\P{Cc}]|[\u202e\u2028]/u);
    expect(JSON.parse(text).findings[0].explanation).toBe(explanation);
  });
});
