import { createHash } from "node:crypto";
import { describe, expect, jest, test } from "@jest/globals";
import { UnreadableError } from "../../../../core/errors.ts";
import { powertools } from "../../../../functions/shared/powertools.ts";
import { plan, planInputs } from "../../../support/changes.ts";
import { finding } from "../../../support/findings.ts";
import { urlEvent } from "../../../support/function-url.ts";
import { functionArn } from "../../../support/scan-fakes.ts";
import { ANN, ASKED_MS, BOB, createWorld, textOf, type WorldOptions } from "./approvals-world.ts";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202E`;
/** Only the templates make elements, and none of these. */
const FOREIGN_MARKUP = /<script|<img|onerror='|\u202E/;

/** Every kind of answer that a link can get. */
async function everyAnswer(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const path = `/${ANN.linkId}`;
  const text = { "content-type": "text/plain" };
  const pages = [
    await world.get(),
    await world.send(urlEvent({ method: "HEAD", path })),
    await world.send(urlEvent({ method: "PUT", path, body: ANN.code })),
    await world.send(urlEvent({ method: "POST", path, headers: text, body: ANN.code })),
    await world.post({ verdict: "perhaps", reason: HOSTILE }),
    await world.post({ code: "" }),
    await world.post({ verdict: "reject" }),
    await world.post({ code: BOB.code, reason: HOSTILE }),
    await world.post({ plan: HOSTILE, reason: "x".repeat(7000) }),
    await world.post({ reason: "x".repeat(9000) }),
    await world.get(`/${"z".repeat(43)}`),
    await world.get("/<script>"),
    await world.post({ verdict: "reject", reason: HOSTILE }),
    await world.post(),
    await world.get(),
    await world.get(`/${BOB.linkId}`),
  ];
  const tired = await createWorld(options);
  for (let tries = 0; tries < 6; tries += 1) pages.push(await tired.post({ code: "WRONG" }));
  pages.push(await tired.get());
  const late = await createWorld(options);
  late.clock.nowMs += 100 * 3_600_000;
  pages.push(await late.get());
  const agreed = await createWorld(options);
  pages.push(await agreed.post(), await agreed.get());
  const changed = await createWorld({ ...options, mapping: { batchSize: 1 } });
  pages.push(await changed.get(), await changed.post());
  const unreadable = await createWorld({ ...options, queue: new UnreadableError("orders", HOSTILE) });
  pages.push(await unreadable.get(), await unreadable.post());
  const down = await createWorld({
    ...options,
    ledger: () => ({ get: () => Promise.reject(new Error(HOSTILE)) }),
  });
  pages.push(await down.get());
  const worlds = [world, tired, late, agreed, changed, unreadable, down];
  const rows = (await Promise.all(worlds.map((one) => one.audit()))).flat();
  const ledgers = await Promise.all(worlds.map((one) => one.state()));
  return { pages, rows, ledgers };
}

describe("what other people wrote", () => {
  test("stays text: names, facts, addresses, reasons, patches, tags", async () => {
    const inputs = planInputs("orders");
    const { pages } = await everyAnswer({
      change: {
        queueName: HOSTILE,
        queueArn: `arn:aws:sqs:eu-west-1:123456789012:${HOSTILE}`,
        inputs,
        plan: plan(inputs, { queueUrl: HOSTILE }),
        decisions: [{ approver: HOSTILE, verdict: "approve", atMs: ASKED_MS }],
        finding: finding("orders", {
          functionArns: [functionArn(HOSTILE)],
          facts: [HOSTILE],
          owner: { stackName: HOSTILE, logicalId: HOSTILE },
          examples: [
            {
              messageId: HOSTILE,
              deliveries: [1, 2].map((receiveCount) => ({
                requestId: HOSTILE,
                functionArn: functionArn(HOSTILE),
                startedAt: "2026-11-23T15:00:00.000Z",
                endedAt: "2026-11-23T15:00:40.000Z",
                outcome: "success",
                receiveCount,
              })),
            },
          ],
          advice: [
            {
              kind: "raise-visibility-timeout",
              summary: HOSTILE,
              patch: { cloudformation: HOSTILE, cdk: HOSTILE, "<script>": HOSTILE },
            },
          ],
        }),
      },
      queue: { tags: { "doubletake:ignore": `2027-01-31 ${HOSTILE}` } },
      quorum: 3,
    });
    for (const page of pages) expect(page.body).not.toMatch(FOREIGN_MARKUP);
    const [first] = pages;
    expect(first && textOf(first)).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(first?.body).toContain("<li>&quot;&gt;&lt;script&gt;");
  });
});

describe("every answer", () => {
  test("has the headers that keep it here", async () => {
    const { pages } = await everyAnswer();
    expect(new Set(pages.map(({ statusCode }) => statusCode))).toEqual(
      new Set([200, 400, 403, 404, 405, 409, 410, 413, 415, 429, 503]),
    );
    for (const { headers, statusCode, body } of pages) {
      const { allow, "permissions-policy": permissions, ...others } = headers;
      expect(others).toEqual({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
        ),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex",
        "strict-transport-security": "max-age=63072000",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(permissions).toMatch(/^([a-z-]+=\(\)(, )?)+$/);
      expect(allow !== undefined).toBe(statusCode === 405);
      expect(body === "" || /^<!doctype html>\n<html lang="en">/.test(body)).toBe(true);
    }
  });

  test("has one heading, and no look but that of its own style sheet, whose hash the policy has", async () => {
    for (const { headers, body } of (await everyAnswer()).pages.filter((page) => page.body !== "")) {
      const [, style = "", ...more] = /<style>(.*?)<\/style>/s.exec(body) ?? [];
      expect(more).toEqual([]);
      const hash = createHash("sha256").update(style).digest("base64");
      expect(headers["content-security-policy"]).toContain(`'sha256-${hash}'`);
      expect(body.match(/<h1>/g)).toHaveLength(1);
      expect(body).not.toMatch(/<(script|link|iframe|img)|<[^>]*\s(style|src|href="[^#])/);
    }
  });
});

describe("a link's id and code", () => {
  const secrets = [ANN.linkId, ANN.code, ANN.code.replace("-", ""), BOB.linkId, BOB.code];

  test("are in no page, no audit row and nowhere in the ledger", async () => {
    const { pages, rows, ledgers } = await everyAnswer();
    expect(rows.length).toBe(pages.length);
    const written = JSON.stringify({ pages, rows, ledgers });
    for (const secret of secrets) expect(written).not.toContain(secret);
  });

  test("are in no log line, even when the environment asks for events", async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      POWERTOOLS_TRACE_ENABLED: "false",
      POWERTOOLS_LOGGER_LOG_EVENT: "true",
      POWERTOOLS_LOG_LEVEL: "DEBUG",
    });
    const lines: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, "write").mockImplementation((text) => lines.push(String(text)) > 0),
    );
    try {
      await everyAnswer({ observability: powertools("Approvals") });
    } finally {
      for (const spy of spies) spy.mockRestore();
      process.env = before;
    }
    // The bug of one of the answers was logged: something was listened to.
    expect(lines.join("")).toContain("unexpected error");
    for (const secret of secrets) expect(lines.join("")).not.toContain(secret);
  });
});
