import { request } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type ApprovalServer, startApprovalServer } from "../../../../cli/approval-server.ts";
import { ANN, createWorld } from "./approvals-world.ts";

let server: ApprovalServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** The server before a handler that keeps what it is sent. */
async function listen(answer: (event: unknown) => Promise<unknown>): Promise<string> {
  server = await startApprovalServer(answer);
  return server.url;
}

describe("the approval page on this computer", () => {
  test("serves the page and takes the decision, as behind a function URL", async () => {
    const world = await createWorld();
    const url = await listen((event) => world.send(event));
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);

    const page = await fetch(url + ANN.linkId);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const plan = /name="plan" value="(\w+)"/.exec(await page.text())?.[1] ?? "";

    const fields = { plan, code: ANN.code, reason: "", verdict: "approve" };
    const answer = await fetch(url + ANN.linkId, { method: "POST", body: new URLSearchParams(fields) });
    expect(await answer.text()).toContain("<h1>Approved: it goes ahead</h1>");
    expect(await world.latest()).toMatchObject({ status: "approved" });

    const head = await fetch(url + ANN.linkId, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await fetch(`${url}favicon.ico`)).status).toBe(404);
  });

  test("sends events as Lambda does: forms in base64, text as it is, names of headers in small letters", async () => {
    const events: unknown[] = [];
    const url = await listen(async (event) => {
      events.push(event);
      return { statusCode: 200, headers: {}, body: "" };
    });
    await fetch(`${url}a?b=c?d`, { method: "POST", body: new URLSearchParams({ e: "f" }) });
    await fetch(url, {
      method: "POST",
      body: "text",
      headers: { "Content-Type": "text/plain", "X-One": "1" },
    });
    await fetch(url);
    expect(events).toMatchObject([
      {
        version: "2.0",
        rawPath: "/a",
        rawQueryString: "b=c?d",
        requestContext: { http: { method: "POST", path: "/a" } },
        body: Buffer.from("e=f").toString("base64"),
        isBase64Encoded: true,
      },
      { headers: { "content-type": "text/plain", "x-one": "1" }, body: "text", isBase64Encoded: false },
      { rawPath: "/", isBase64Encoded: false, requestContext: { http: { method: "GET" } } },
    ]);
    expect(events[2]).not.toHaveProperty("body");
  });

  test.each([
    ["fails", () => Promise.reject(new Error("secret"))],
    ["answers in no form that a function URL knows", async () => "secret"],
  ])("answers 502 and no more when the function %s", async (_, handler) => {
    const answer = await fetch(await listen(handler));
    expect([answer.status, await answer.text()]).toEqual([502, ""]);
  });

  test("refuses more than Lambda takes", async () => {
    const url = await listen(() => Promise.reject(new Error("not asked")));
    const answer = await fetch(url, { method: "POST", body: "x".repeat(6 * 1024 * 1024 + 1) });
    expect(answer.status).toBe(413);
  });

  test("closes with a connection still open", async () => {
    const url = await listen(() => new Promise(() => {}));
    const open = request(url).on("error", () => {});
    open.end();
    await new Promise((resolve) => open.once("finish", resolve));
    await expect(server?.close()).resolves.toBeUndefined();
    server = undefined;
  });
});
