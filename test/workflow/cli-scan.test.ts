// `doubletake scan` over the wire, against small simulated accounts.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { main } from "../../cli/main.ts";
import { FindingDocument, pathArn } from "../../core/model/finding.ts";
import { createAccount } from "../../simulator/create-account.ts";
import type { Fault } from "../../simulator/faults.ts";
import { type SimulatorServer, startServer } from "../../simulator/server.ts";
import { TEST_CREDENTIALS, useAwsEnvironment } from "../support/aws-environment.ts";
import { fakeIo } from "../support/fake-io.ts";

const NOW_MS = Date.parse("2026-11-23T18:00:00Z");

const CALLER_IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>arn:aws:iam::123456789012:user/test</Arn><UserId>A</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

describe("scan over the wire", () => {
  useAwsEnvironment({ ...TEST_CREDENTIALS, AWS_REGION: "us-east-1" });
  let server: SimulatorServer | undefined;
  afterEach(() => server?.close());

  async function serve(
    scenarios: readonly string[],
    faults: readonly Fault[] = [],
  ): Promise<SimulatorServer> {
    const { account } = createAccount({ seed: 7, scenarios, endMs: NOW_MS, hours: 6 });
    server = await startServer({ account, faults });
    return server;
  }

  async function scan(...args: string[]) {
    const io = fakeIo({ nowMs: () => NOW_MS });
    const code = await main(["scan", "--endpoint-url", server?.url ?? "", ...args], io);
    return { code, out: io.out(), err: io.err() };
  }

  async function scanDocument(...args: string[]): Promise<FindingDocument> {
    return FindingDocument.parse(JSON.parse((await scan("--quiet", "--format", "json", ...args)).out));
  }

  test("proves an expired visibility timeout, proposes a plan, and ends with 1", async () => {
    await serve(["visibility-expired", "healthy"]);
    const { code, out, err } = await scan("--format", "json");
    const document = FindingDocument.parse(JSON.parse(out));
    expect(code).toBe(1);
    const proven = document.findings.filter(({ evidence }) => evidence === "proven");
    expect(proven.map(({ cause }) => cause)).toContain("visibility-expired");
    expect(proven.find(({ cause }) => cause === "visibility-expired")?.plan?.to).toBeGreaterThan(0);
    expect(document.paths.map(({ verdict }) => verdict).toSorted()).toEqual(["duplicating", "healthy"]);
    expect(err.split("\n").map((line) => line.slice(9))).toEqual([
      "finding the delivery paths",
      "reading metrics",
      "reading logs",
      "putting the result together",
      "",
    ]);
  });

  test("calls nothing that writes", async () => {
    const { requests } = await serve(["visibility-expired"]);
    await scanDocument();
    const writes = Object.keys(requests()).filter(
      (call) => !/:(Get|List|Describe|StartQuery|StopQuery)/.test(call),
    );
    expect(Object.keys(requests()).length).toBeGreaterThan(5);
    expect(writes).toEqual([]);
  });

  test("where no path can be judged it shows why, and ends with 3 instead of passing for healthy", async () => {
    const { account } = await serve(["visibility-expired"]);
    server?.faults.add({ kind: "access-denied", resource: account.queues()[0]?.name ?? "" });
    const { code, out, err } = await scan("--quiet", "--no-logs");
    expect(code).toBe(3);
    expect(out).toContain("Could not be read");
    expect(err).toMatch(/^doubletake: no delivery path could be judged: sqs:GetQueueUrl is not allowed.*\n$/);
  });

  test("a quiet account ends with 0", async () => {
    await serve(["healthy", "healthy-fifo"]);
    const { code, out } = await scan("--quiet");
    expect(code).toBe(0);
    expect(out).toContain("2 delivery paths: 2 healthy");
  });

  test("--fail-on never ends with 0 whatever was found", async () => {
    await serve(["visibility-expired"]);
    const { code, out } = await scan("--quiet", "--fail-on", "never", "--format", "markdown");
    expect(code).toBe(0);
    expect(out).toMatch(/^## visibility-expired: /m);
  });

  test("--no-logs reads no logs and proves nothing", async () => {
    const { requests } = await serve(["visibility-expired"]);
    const document = await scanDocument("--no-logs");
    expect(document.findings.length).toBeGreaterThan(0);
    expect(document.findings.filter(({ evidence }) => evidence === "proven")).toEqual([]);
    expect(Object.keys(requests()).filter((call) => call.startsWith("logs:"))).toEqual([]);
  });

  test("--queue and --exclude choose the queues", async () => {
    const { account } = await serve(["visibility-expired", "healthy"]);
    const all = await scanDocument();
    const [first, second] = all.paths.map((path) => pathArn(path).split(":").at(-1) ?? "");
    expect(account.queues().map(({ name }) => name)).toEqual(expect.arrayContaining([first, second]));
    const only = await scanDocument("--queue", first ?? "");
    const others = await scanDocument("--exclude", first ?? "");
    expect(only.paths.map(({ queueArn }) => queueArn)).toEqual([all.paths[0]?.queueArn]);
    expect(others.paths.map(({ queueArn }) => queueArn)).toEqual([all.paths[1]?.queueArn]);
    expect([all.scan.excludedQueues, only.scan.excludedQueues]).toEqual([0, 1]);
  });

  test("patterns that match no queue are a slip, not a healthy account", async () => {
    await serve(["healthy"]);
    const { code, out, err } = await scan("--quiet", "--queue", "nothing-*");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe(
      "doubletake: --queue and --exclude: expected patterns that leave the one queue with a mapping, got none\n",
    );
  });

  test("patterns that leave no function without a queue are a usage error as well", async () => {
    await serve(["async-source-quiet"]);
    const { code, out, err } = await scan("--quiet", "--queue", "no-such-*");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("that leave the one function with asynchronous events, got none");
  });

  test("--no-async leaves functions without a queue out, --queue names one", async () => {
    const { requests } = await serve(["healthy", "async-source-quiet"]);
    const all = await scanDocument();
    expect(all.paths.map(({ source }) => source).sort()).toEqual(["async", undefined]);
    const name =
      all.paths
        .find(({ source }) => source === "async")
        ?.functionArns[0]?.split(":")
        .at(-1) ?? "";
    const only = await scanDocument("--queue", name);
    expect(only.paths.map(({ source }) => source)).toEqual(["async"]);
    const listings = requests()["cloudwatch:ListMetrics"];
    const without = await scanDocument("--no-async");
    expect(without.paths.map(({ source }) => source)).toEqual([undefined]);
    expect(requests()["cloudwatch:ListMetrics"]).toBe(listings);
  });

  describe("when something goes wrong", () => {
    test("a missing permission on one queue is named, and the rest is scanned", async () => {
      const { account, faults } = await serve(["visibility-expired", "healthy"]);
      const mapped = account.mappings().map(({ eventSourceArn }) => eventSourceArn);
      const denied = mapped[1]?.split(":").at(-1) ?? "";
      faults.add({ kind: "access-denied", operation: "sqs:GetQueueAttributes", resource: denied });
      const { code, out } = await scan("--quiet");
      expect(code).toBe(1);
      expect(out).toMatch(/^1\. visibility-expired: .*\n[\s\S]*\(proven, critical\)/m);
      expect(out.slice(out.indexOf("Could not be read"))).toMatch(
        new RegExp(`${denied}[\\s\\S]*GetQueueAttributes`),
      );
    });

    test("log queries that find no room at first are started later, and still prove it", async () => {
      // As many refusals as one start has attempts.
      await serve(["visibility-expired"], [{ kind: "throttle", operation: "logs:StartQuery", times: 2 }]);
      const { scan: summary, findings } = await scanDocument();
      expect(summary.unreadable).toEqual([]);
      expect(findings).toContainEqual(
        expect.objectContaining({ cause: "visibility-expired", evidence: "proven" }),
      );
      expect(server?.requests()["logs:StartQuery"]).toBe(3);
    });

    test("an account that throttles everything is one sentence and 3", async () => {
      await serve(["healthy"], [{ kind: "throttle", operation: "lambda:*" }]);
      const { code, out, err } = await scan("--quiet");
      expect({ code, out }).toEqual({ code: 3, out: "" });
      expect(err).toMatch(/^doubletake: throttled: lambda:ListEventSourceMappings[^\n]*try again later\n$/);
      expect(server?.requests()["lambda:ListEventSourceMappings"]).toBe(3);
    });

    test("a missing permission for the listing of mappings is one sentence and 3", async () => {
      const denied = createServer((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () => {
          if (body.includes("GetCallerIdentity")) response.end(CALLER_IDENTITY);
          else
            response
              .writeHead(403, {
                "content-type": "application/json",
                "x-amzn-errortype": "AccessDeniedException",
              })
              .end("{}");
        });
      }).listen(0, "127.0.0.1");
      await once(denied, "listening");
      const io = fakeIo({ nowMs: () => NOW_MS });
      const url = `http://127.0.0.1:${(denied.address() as AddressInfo).port}`;
      const code = await main(["scan", "--quiet", "--endpoint-url", url], io);
      denied.closeAllConnections();
      await new Promise((resolve) => denied.close(resolve));
      expect({ code, out: io.out() }).toEqual({ code: 3, out: "" });
      expect(io.err()).toMatch(/^doubletake: [^\n]*lambda:ListEventSourceMappings is not allowed[^\n]*\n$/);
    });

    test("Ctrl-C ends with 130 and leaves no log query running", async () => {
      const { account, requests } = await serve(["visibility-expired"]);
      for (const { name } of account.logGroups()) server?.faults.add({ kind: "query-hangs", logGroup: name });
      const io = fakeIo({ nowMs: () => NOW_MS });
      const ended = main(["scan", "--endpoint-url", server?.url ?? ""], io);
      while ((requests()["logs:GetQueryResults"] ?? 0) === 0)
        await new Promise((resolve) => setImmediate(resolve));
      io.interrupt();
      expect(await ended).toBe(130);
      expect(io.out()).toBe("");
      expect(io.err()).toContain("doubletake: interrupted, no result; 1 running log query was stopped\n");
      expect(requests()["logs:StopQuery"]).toBe(1);
    });
  });
});
