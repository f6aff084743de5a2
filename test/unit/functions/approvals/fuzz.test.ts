import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { UrlResponse } from "../../../../functions/approvals/page/response.ts";
import { ANN, createWorld } from "./approvals-world.ts";

const STATUSES = [200, 400, 403, 404, 405, 413, 415, 429];
const FORM = "application/x-www-form-urlencoded";

const anything = fc.oneof(
  fc.anything({ withNullPrototype: false, maxDepth: 2 }),
  fc.constantFrom(null, undefined, 0, -1, true, "", [], {}, "__proto__", "x".repeat(100_000)),
);

const method = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("GET", "HEAD", "POST") },
  fc.constantFrom("PUT", "get", "TRACE", "", "POST\r\nX: y", "M".repeat(5000)),
  anything,
);
const path = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(`/${ANN.linkId}`, `/${ANN.linkId}/`) },
  fc.stringMatching(/^\/[A-Za-z0-9_-]{43}$/),
  fc.webPath(),
  fc.string({ unit: "binary" }).map((text) => `/${text}`),
  fc.constantFrom(
    `/${ANN.linkId}%00`,
    `/${ANN.linkId}/../`,
    `/../${ANN.linkId}`,
    "/%",
    `/${"/".repeat(50_000)}`,
  ),
  anything,
);
const contentType = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(FORM, `${FORM}; charset=utf-8`, `${FORM};charset=utf-16`) },
  fc.constantFrom("application/json", "multipart/form-data; boundary=x", "text/plain", ";", ""),
  anything,
);
/** The right one would take more luck than there is. */
const code = fc.oneof(
  fc.stringMatching(/^[A-Z2-9]{4}-[A-Z2-9]{4}$/),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "0O1I-0O1I", "-".repeat(9000)),
);
const field = fc.oneof(
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.constantFrom("", "%", "<script>", "x".repeat(9000)),
);
const form = fc
  .record(
    {
      verdict: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("approve", "reject") }, field),
      plan: field,
      code,
      reason: fc.oneof(fc.constant(""), field),
    },
    { requiredKeys: [] },
  )
  .map((fields) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
      .join("&"),
  );
const body = fc.oneof(
  { weight: 5, arbitrary: form },
  { weight: 3, arbitrary: form.map((text) => Buffer.from(text).toString("base64")) },
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "%",
    "%E0%A4%A",
    "verdict",
    "&&&=&=",
    "verdict=approve&".repeat(100_000),
    "A".repeat(6_000_000),
  ),
  anything,
);

/** As a function URL sends it, with anything anywhere, and anything missing. */
const event = fc.record(
  {
    version: fc.oneof(fc.constant("2.0"), anything),
    rawPath: path,
    rawQueryString: fc.oneof(fc.webQueryParameters(), anything),
    queryStringParameters: anything,
    cookies: anything,
    headers: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record(
          { "content-type": contentType, cookie: anything, "content-length": anything },
          { requiredKeys: [] },
        ),
      },
      anything,
    ),
    requestContext: fc.record({
      http: fc.oneof(
        { weight: 8, arbitrary: fc.record({ method, path, protocol: anything }, { requiredKeys: [] }) },
        anything.filter((http) => http !== undefined),
      ),
    }),
    body,
    isBase64Encoded: fc.oneof({ weight: 4, arbitrary: fc.boolean() }, anything),
  },
  { requiredKeys: ["requestContext"] },
);

/** Close to what a browser sends: it gets as far as the code. */
const likely = fc.record({ text: form, isBase64Encoded: fc.boolean() }).map(({ text, isBase64Encoded }) => ({
  rawPath: `/${ANN.linkId}`,
  headers: { "content-type": FORM },
  requestContext: { http: { method: "POST" } },
  body: isBase64Encoded ? Buffer.from(text).toString("base64") : text,
  isBase64Encoded,
}));

describe("I5: anybody may send anything to the approval page", () => {
  test("it answers, never fails, and changes nothing but the audit trail and the count of tries", async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 3, arbitrary: event }, { weight: 2, arbitrary: likely }),
        async (sent) => {
          const world = await createWorld();
          const before = await world.state();
          const page: UrlResponse = await world.send(sent);

          expect(STATUSES).toContain(page.statusCode);
          expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
          expect(page.headers["cache-control"]).toBe("no-store");
          expect(page.headers["x-content-type-options"]).toBe("nosniff");
          expect(page.body).not.toMatch(/<script/i);
          expect(page.body).not.toContain(ANN.linkId);

          const [row, ...more] = await world.audit();
          expect(more).toEqual([]);
          expect(row?.method).toMatch(/^([A-Z]{1,10}|other)$/);
          expect(untried(await world.state())).toBe(untried(before));
          if (row?.result !== "wrong-code") expect(await world.state()).toBe(before);
          expect(world.woken).toEqual([]);
          seen.set(row?.result ?? "", (seen.get(row?.result ?? "") ?? 0) + 1);
        },
      ),
      { numRuns: 1500 },
    );
    // That it came past the first checks at all.
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining([
        "shown",
        "unknown-link",
        "method-not-allowed",
        "unsupported-type",
        "too-large",
        "bad-request",
        "code-missing",
        "reason-missing",
        "wrong-code",
      ]),
    );
  });
});

const untried = (state: string): string => state.replace(/"tries":\d+/g, "");
