import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { renderMarkdown } from "../../../report/markdown.ts";
import { renderTable } from "../../../report/table.ts";
import { advisory, finding, findingDocument, path, queueArn } from "../../support/finding-documents.ts";

const PLAIN = { columns: 120, colour: false };

describe("table", () => {
  test.each([60, 80, 120, 160])("no line is wider than a terminal of %d columns", (columns) => {
    const lines = renderTable(findingDocument(), { columns, colour: false }).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  test("at 120 columns a path is one line with everything on it, the worst first", () => {
    const lines = renderTable(findingDocument(), PLAIN).split("\n");
    const header = lines.findIndex((line) => line.startsWith("QUEUE"));
    expect(lines[header]).toMatch(/^QUEUE +FUNCTION +VERDICT +CAUSE +EVIDENCE +MESSAGES +TIMEOUT$/);
    expect(lines[header + 1]).toMatch(
      /^orders-created +fulfil-order +duplicating +visibility-expired +proven +12 \(3.1 % twice\) +30 → 360 s$/,
    );
    expect(lines.slice(header + 2, header + 5).map((line) => line.split(" ")[0])).toEqual([
      "mail",
      "secret-queue",
      "audit",
    ]);
  });

  test("at 80 columns the less important columns go, at 60 it is a list", () => {
    expect(renderTable(findingDocument(), { ...PLAIN, columns: 80 })).toMatch(
      /^QUEUE +VERDICT +CAUSE +EVIDENCE +TIMEOUT$/m,
    );
    const narrow = renderTable(findingDocument(), { ...PLAIN, columns: 60 });
    expect(narrow).not.toContain("QUEUE");
    expect(narrow).toMatch(
      /^duplicating {2}orders-created\n {13}visibility-expired \(proven\), messages: 12 \(3\.1\n/m,
    );
  });

  test("a long queue name is broken, not cut", () => {
    const name = "payments-".repeat(8);
    const document = findingDocument({ paths: [path(name, "duplicating")], findings: [] });
    for (const columns of [60, 70, 120]) {
      const text = renderTable(document, { columns, colour: false });
      const letters = text.replace(/handle-[\w-]*|[^a-z-]/g, "");
      expect(letters.match(/payments-/g)?.length).toBeGreaterThanOrEqual(4);
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  test("a function without a queue is named itself, and has no timeout", () => {
    const { queueArn: _, ...verdict } = path("thumbnails", "duplicating");
    const {
      queueArn: __,
      plan: ___,
      owner: ____,
      ...found
    } = finding({
      source: "async",
      functionArns: verdict.functionArns,
      cause: "at-least-once",
    });
    const document = findingDocument({ paths: [{ ...verdict, source: "async" }], findings: [found] });
    const text = renderTable(document, PLAIN);
    expect(text).toMatch(
      /^handle-thumbnails +handle-thumbnails +duplicating +at-least-once +proven +12 \(3\.1 % twice\) +no queue$/m,
    );
    expect(text).toContain("1. at-least-once: an asynchronous event was run twice");
    expect(text).toContain("- handle-thumbnails (proven, critical)");
    expect(text).toContain("handle-thumbnails, id 059f36b4");
    expect(renderMarkdown(document)).toMatch(/\| `handle-thumbnails` \|.* \| no queue \|/);
  });

  test("colours change nothing but the colours", () => {
    const coloured = renderTable(findingDocument(), { columns: 120, colour: true });
    expect(coloured).toContain("\u001b[31m");
    expect(stripVTControlCharacters(coloured)).toBe(renderTable(findingDocument(), PLAIN));
  });

  test("a finding says why, draws it, proposes, advises, and names the stack that owns the queue", () => {
    const text = renderTable(findingDocument(), PLAIN);
    const order = [
      "1. visibility-expired: processed twice, the visibility timeout ends too early",
      "The visibility timeout ends while the function still works",
      "- orders-created (proven, critical): Invocations ran up to 45 s. The visibility timeout is 30 s.",
      "Proposed: visibility timeout 30 s → 360 s (6 min); duplicates 3.1 % → 0 % (predicted); a failed",
      "Owned by stack orders-prod (OrdersQueue).",
      "orders-created, message 059f36b4-87a3-44ab-83d2-661975830a7d (█ both at work)",
      "→ Raise the visibility timeout of orders-created",
      "cloudformation\n         OrdersQueue:\n           Properties:\n             VisibilityTimeout: 360\n",
      "→ Make the function idempotent",
      "Below AWS's recommendation, nothing seen",
      "- mail: AWS recommends 180 s",
      "- secret-queue: the queue could not be read",
      "Could not be read",
      "sqs:GetQueueAttributes is not allowed",
      "This scan: 4.2 s, 6 AWS calls, 12.3 MB of logs read, about $0.0042.",
    ].map((part) => text.indexOf(part));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("the findings come strongest first", () => {
    const document = findingDocument({
      findings: [
        finding({ id: "1", cause: "throttled", severity: "medium" }),
        finding({ id: "2", cause: "unknown", severity: "high", evidence: "measured" }),
        finding({ id: "3", cause: "several-consumers", severity: "high" }),
      ],
    });
    const titles = renderTable(document, PLAIN).match(/^\d\. [^:]*/gm);
    expect(titles).toEqual(["1. several-consumers", "2. unknown", "3. throttled"]);
    expect(renderTable(document, PLAIN)).toContain("several-consumers +2");
  });

  test("estimates are called so", () => {
    const document = findingDocument({ findings: [finding({ evidence: "measured", examples: [] })] });
    expect(renderTable(document, PLAIN)).toContain("~12 (3.1 % twice)");
  });

  describe("of many findings", () => {
    const [example] = finding().examples;
    const guessed = example?.deliveries.map((one) => ({ ...one, outcome: "unknown" as const })) ?? [];
    const many = [
      finding({ id: "1", queueArn: queueArn("first"), examples: [{ messageId: "m", deliveries: guessed }] }),
      finding({ id: "2", queueArn: queueArn("second") }),
      finding({ id: "3", queueArn: queueArn("third"), evidence: "measured", examples: [] }),
      finding({ id: "4", queueArn: queueArn("zz"), cause: "function-error", severity: "low", examples: [] }),
    ];
    const text = renderTable(findingDocument({ findings: many }), PLAIN);

    test("each cause is explained once, and says what to do", () => {
      expect(text.match(/The visibility timeout ends while/g)).toHaveLength(1);
      expect(text.match(/What to do: Raise the visibility timeout as proposed/g)).toHaveLength(1);
      expect(text.match(/Wherever work is done twice/g)).toHaveLength(1);
      expect(text).toContain("--format markdown for all");
      expect(text).not.toContain("→ Raise");
    });

    test("the strongest of each evidence has all its facts, the others a line", () => {
      expect(text).toContain("- first (proven, critical): Invocations ran up to 45 s.");
      expect(text).toContain(
        "- second (proven, critical): 12 messages came 26 times. Proposed timeout: 30 → 360 s.",
      );
      expect(text).toContain("- third (measured, critical): Invocations ran up to 45 s.");
    });

    test("the clearest example is drawn, of which nothing has to be guessed", () => {
      expect(text.match(/both at work/g)).toHaveLength(1);
      expect(text).toContain("second, message 059f36b4");
    });

    test.each([40, 60, 100, 160])("at %d columns nothing is wider", (columns) => {
      const lines = renderTable(findingDocument({ findings: many }), { columns, colour: false }).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    });

    test("colours change nothing but the colours", () => {
      const coloured = renderTable(findingDocument({ findings: many }), { columns: 120, colour: true });
      expect(stripVTControlCharacters(coloured)).toBe(text);
    });
  });

  test("the patch is in the form that suits the owner of the queue, and the other forms are named", () => {
    const patch = { cloudformation: "CFN: 1", terraform: "tf = 1", cdk: "new Cdk()" };
    const advised = finding({ advice: [{ kind: "x", summary: "Do it.", patch }] });
    const { owner: _, ...unowned } = advised;
    const shown = (one: typeof unowned) => renderTable(findingDocument({ findings: [one] }), PLAIN);
    expect(shown(advised)).toContain("cloudformation; --format markdown: terraform, cdk\n         CFN: 1\n");
    expect(shown(unowned)).toContain("terraform; --format markdown: cloudformation, cdk\n         tf = 1\n");
  });

  test("an example without times is listed, not drawn", () => {
    const examples = finding().examples.map((example) => ({
      ...example,
      deliveries: example.deliveries.map((delivery) => ({ ...delivery, startedAt: null, endedAt: null })),
    }));
    const text = renderTable(findingDocument({ findings: [finding({ examples })] }), PLAIN);
    expect(text).toContain(
      "      1  11111111  times not logged, success, receive 1\n      2  22222222  times not logged, success, receive 2\n",
    );
  });

  test("a plan that blocks a FIFO group or outlives the retention says so", () => {
    const base = finding();
    const plan = base.plan;
    if (plan === undefined) throw new Error("the fixture has a plan");
    const tradeOffs = {
      ...plan.tradeOffs,
      outlivesRetention: true,
      fifoGroupBlockedSeconds: { before: 30, after: 360 },
    };
    const text = renderTable(findingDocument({ findings: [{ ...base, plan: { ...plan, tradeOffs } }] }), {
      columns: 400,
      colour: false,
    }).replace(/\s+/g, " ");
    expect(text).toContain("holds up its FIFO group for that long");
    expect(text).toContain("would expire before it reaches the dead-letter queue");
  });

  test("healthy paths of a big account are counted, not listed", () => {
    const healthy = Array.from({ length: 60 }, (_, index) => path(`queue-${index}`, "healthy"));
    const text = renderTable(
      findingDocument({ paths: [...healthy, path("mail", "at-risk")], findings: [advisory("mail")] }),
      PLAIN,
    );
    expect(text).toContain("and 60 healthy paths");
    expect(text).not.toContain("queue-7");
    expect(text).toMatch(/^mail /m);
  });

  test("an account without queues is told so", () => {
    const text = renderTable(findingDocument({ paths: [], findings: [] }), PLAIN);
    expect(text).toContain("0 delivery paths");
    expect(text).toContain("No event source mapping reads from an SQS queue here.");
  });

  test("sampled queues are named, because sampling is itself a receive", () => {
    const { scan } = findingDocument();
    const text = renderTable(
      findingDocument({ scan: { ...scan, sampledQueues: ["arn:aws:sqs:r:1:dlq"] } }),
      PLAIN,
    );
    expect(text).toContain("Sampled with ReceiveMessage, which raises receive counts: dlq.");
  });

  test("nothing that comes from AWS reaches the terminal as a control sequence", () => {
    const evil = "x\u001b[2J\u009b31m\u202E\u0007";
    const base = finding();
    const { scan } = findingDocument();
    const document = findingDocument({
      scan: {
        ...scan,
        account: evil,
        region: evil,
        unreadable: [{ resource: evil, reason: evil }],
        sampledQueues: [evil],
      },
      paths: [{ queueArn: base.queueArn + evil, functionArns: [evil], verdict: "duplicating", note: evil }],
      findings: [
        finding({
          queueArn: base.queueArn + evil,
          facts: [evil],
          advice: [{ kind: "x", summary: evil }],
          owner: { stackName: evil, logicalId: evil },
          examples: base.examples.map((example) => ({
            messageId: evil,
            deliveries: example.deliveries.map((delivery) => ({
              ...delivery,
              requestId: evil,
              functionArn: evil,
            })),
          })),
        }),
        { ...advisory("mail"), queueArn: evil, advice: [{ kind: "x", summary: evil }] },
      ],
    });
    for (const columns of [60, 80, 120]) {
      expect(renderTable(document, { columns, colour: false })).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    }
  });
});
