// The approval page in a real browser, where one is installed: what markup and unit tests cannot tell. Every test
// leaves a picture (see artefacts.ts), and ends with the same two questions: did the browser complain, and did it ask
// anybody else for anything?
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { EventSourceMapping } from "../../core/model/delivery-path.ts";
import { createHandler } from "../../functions/approvals/handler.ts";
import { simulateRemediation } from "../support/simulated-remediation.ts";
import {
  ANN,
  BOB,
  createWorld,
  EXPIRES_MS,
  type WorldOptions,
} from "../unit/functions/approvals/approvals-world.ts";
import { savePicture } from "./artefacts.ts";
import { findChromium, launch } from "./chromium.ts";
import { provenFinding } from "./proven-finding.ts";
import { decide, headingOn, openVisit, thenLoaded, type Visit } from "./visit.ts";

// A browser starts on two busy cores.
jest.setTimeout(120_000);

const installed = findChromium();
const suite = installed === undefined ? describe.skip : describe;

/** AWS's longest name of a queue, in one word. */
const LONG_NAME = `${"orders-of-the-european-region-".repeat(3).slice(0, 79)}x`;
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

type World = Awaited<ReturnType<typeof createWorld>>;

/** How to come to each page there is, from a request that waits. */
const PAGES: readonly {
  readonly name: string;
  readonly heading: string | RegExp;
  readonly world?: WorldOptions;
  readonly linkId?: string;
  readonly before?: (world: World) => unknown;
  readonly act?: (page: Page) => Promise<void>;
}[] = [
  { name: "request", heading: /^Raise the visibility timeout of/ },
  {
    name: "wrong-code",
    heading: "That is not the code",
    act: (page) => decide(page, "Reject", { code: "WRONG234", reason: "not now" }),
  },
  {
    name: "no-reason",
    heading: "A no needs a reason",
    act: (page) => decide(page, "Reject", { code: ANN.code }),
  },
  {
    name: "changed",
    heading: /^Raise the visibility timeout of/,
    world: { mapping: { batchSize: 1 }, queue: { visibilityTimeoutSeconds: 45 } },
  },
  {
    name: "approved",
    heading: "Approved: it goes ahead",
    act: (page) => decide(page, "Approve", { code: ANN.code }),
  },
  {
    name: "one-of-two",
    heading: "Your approval counts: 1 more needed",
    world: { quorum: 2 },
    act: (page) => decide(page, "Approve", { code: ANN.code }),
  },
  {
    name: "rejected",
    heading: "Rejected: nothing is changed",
    act: (page) => decide(page, "Reject", { code: ANN.code, reason: "after the sale" }),
  },
  {
    name: "expired",
    heading: "This request has expired",
    before: ({ clock }) => {
      clock.nowMs = EXPIRES_MS;
    },
  },
  { name: "unknown-link", heading: "Unknown link", linkId: "z".repeat(43) },
];

suite(
  installed === undefined
    ? "the approval page in a browser (skipped: no Chromium on the PATH)"
    : `the approval page in ${installed.version}`,
  () => {
    let browser: Browser;
    const open: { readonly name: string; readonly visit: Visit }[] = [];

    beforeAll(async () => {
      browser = await launch({ executablePath: installed?.executablePath ?? "" });
    });
    afterAll(() => browser?.close());

    afterEach(async () => {
      const visits = open.splice(0);
      for (const { name, visit } of visits) await savePicture(visit.page, name);
      await Promise.all(visits.map(({ visit }) => visit.close()));
      for (const { visit } of visits) {
        expect(visit.complaints).toEqual([]);
        expect(visit.requests.filter((request) => !request.includes(` ${visit.url}`))).toEqual([]);
      }
    });

    /** @param name of the picture. */
    async function visitWith(
      name: string,
      world: { readonly send: (event: unknown) => Promise<unknown> },
      options: BrowserContextOptions = {},
    ) {
      const visit = await openVisit(browser, (event) => world.send(event), options);
      open.push({ name, visit });
      return visit;
    }

    /**
     * Ann follows the link in her mail.
     * @param worldOptions what is set in them later is so from then on.
     */
    async function follow(
      name: string,
      worldOptions: WorldOptions = {},
      options: BrowserContextOptions = {},
    ) {
      const world = await createWorld(
        Object.assign(worldOptions, { change: { finding: provenFinding("orders") } }),
      );
      const visit = await visitWith(name, world, options);
      await visit.page.goto(visit.url + ANN.linkId);
      return { world, ...visit, posts: () => visit.requests.filter((one) => one.startsWith("POST")).length };
    }

    /** One of the pages, for a queue of that name. */
    async function reach(
      { name, world: worldOptions, linkId = ANN.linkId, before, act }: (typeof PAGES)[number],
      {
        queueName = "orders",
        suffix,
        ...options
      }: BrowserContextOptions & { queueName?: string; suffix: string },
    ): Promise<Page> {
      const change = { queueName, finding: provenFinding(queueName) };
      const world = await createWorld({ ...worldOptions, change });
      await before?.(world);
      const { page, url } = await visitWith(`${name}-${suffix}`, world, options);
      await page.goto(url + linkId);
      await act?.(page);
      return page;
    }

    describe("a decision", () => {
      test("a yes, with the code as people type it", async () => {
        const { page, world } = await follow("approve");
        expect(await headingOn(page)).toBe("Raise the visibility timeout of orders?");
        await decide(page, "Approve", { code: " abcd 2345" });
        expect(await headingOn(page)).toBe("Approved: it goes ahead");
        expect(await world.latest()).toMatchObject({
          status: "approved",
          decisions: [{ approver: ANN.approver, verdict: "approve" }],
        });
        expect(world.woken).toHaveLength(1);
      });

      test("a no with its reason", async () => {
        const { page, world } = await follow("reject");
        await decide(page, "Reject", { code: ANN.code, reason: "after the sale, please" });
        expect(await headingOn(page)).toBe("Rejected: nothing is changed");
        expect(await page.getByRole("blockquote").innerText()).toBe("after the sale, please");
        expect(await world.latest()).toMatchObject({
          status: "rejected",
          decisions: [{ verdict: "reject", reason: "after the sale, please" }],
        });
      });

      test("a no without a reason is asked for one, and counts then", async () => {
        const { page, world } = await follow("reject-without-reason");
        await decide(page, "Reject", { code: ANN.code });
        expect(await headingOn(page)).toBe("A no needs a reason");
        expect(await page.getByRole("alert").innerText()).toContain("say in a few words why not");
        expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
        await decide(page, "Reject", { code: ANN.code, reason: "not now" });
        expect(await headingOn(page)).toBe("Rejected: nothing is changed");
      });

      test("without a code the browser sends nothing", async () => {
        const { page, world, posts } = await follow("no-code");
        const before = await world.state();
        await page.getByRole("button", { name: "Approve" }).click();
        await page.getByLabel("Reason, for a no").fill("no");
        await page.getByRole("button", { name: "Reject" }).click();
        expect(posts()).toBe(0);
        expect(await page.evaluate("document.activeElement.id")).toBe("code");
        expect(await world.state()).toBe(before);
      });

      test("a wrong code says how many tries are left, and keeps the reason", async () => {
        const { page, world } = await follow("wrong-code");
        await decide(page, "Reject", { code: "WRONG234", reason: "not <b>now</b>" });
        expect(await headingOn(page)).toBe("That is not the code");
        expect(await page.getByRole("alert").innerText()).toContain("4 tries are left");
        expect(await page.getByLabel("Code from the mail").inputValue()).toBe("");
        expect(await page.getByLabel("Reason, for a no").inputValue()).toBe("not <b>now</b>");
        expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
      });

      test("after five wrong codes there is no form, here or by the link again", async () => {
        const { page, url, world } = await follow("too-many-tries");
        for (const code of ["WRONG222", "WRONG333", "WRONG444", "WRONG555", "WRONG666"])
          await decide(page, "Approve", { code });
        expect(await headingOn(page)).toBe("That was not the code, and no try is left");
        expect(await page.getByRole("button").count()).toBe(0);
        await page.goto(url + ANN.linkId);
        expect(await page.locator(".notice").innerText()).toContain("takes no more codes");
        expect(await page.getByRole("button").count()).toBe(0);
        expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
      });

      test("an expired request has no form", async () => {
        const { page, url, world } = await follow("expired");
        world.clock.nowMs = EXPIRES_MS;
        await decide(page, "Approve", { code: ANN.code });
        expect(await headingOn(page)).toBe("This request has expired");
        await page.goto(url + ANN.linkId);
        expect(await headingOn(page)).toBe("This request has expired");
        expect(await page.getByRole("textbox").count()).toBe(0);
        expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
      });

      test("an unknown link leads to nothing", async () => {
        const { page, url, world } = await follow("unknown-link");
        await page.goto(url + "z".repeat(43));
        expect(await headingOn(page)).toBe("Unknown link");
        expect(await page.locator("main").innerText()).not.toContain("orders");
        expect((await world.audit()).map(({ result }) => result)).toEqual(["shown", "unknown-link"]);
      });

      test("I5: sent again, gone back to or opened by the other approver, it is decided already", async () => {
        const { page, url, world } = await follow("already-decided");
        await decide(page, "Approve", { code: ANN.code });
        const decided = await world.state();
        await page.reload();
        expect(await headingOn(page)).toBe("Already decided");
        await page.goBack();
        expect(await headingOn(page)).toBe("Already decided");
        await page.goto(url + BOB.linkId);
        expect(await headingOn(page)).toBe("Already decided");
        expect(await page.getByRole("listitem").innerText()).toContain("ann@example.com approved");
        expect(await world.state()).toBe(decided);
        expect((await world.audit()).map(({ method, result }) => `${method} ${result}`)).toEqual([
          "GET shown",
          "POST approved",
          "POST already-decided",
          "GET already-decided",
          "GET already-decided",
        ]);
      });

      test("works whole without scripts", async () => {
        const { page, world } = await follow("without-scripts", {}, { javaScriptEnabled: false });
        await page.getByRole("link", { name: "To the decision" }).click();
        await decide(page, "Approve", { code: "WRONG234" });
        expect(await headingOn(page)).toBe("That is not the code");
        await decide(page, "Approve", { code: ANN.code });
        expect(await headingOn(page)).toBe("Approved: it goes ahead");
        expect(await world.latest()).toMatchObject({ status: "approved" });
      });
    });

    describe("I3: a plan that no longer fits", () => {
      test("shows what is different, and can only be rejected", async () => {
        const { page, world } = await follow("changed-rejected", { mapping: { batchSize: 1 } });
        const alert = page.getByRole("alert");
        expect(await alert.innerText()).toContain("This can no longer be approved");
        const row = alert.getByRole("row", { name: "batch size of orders-worker" });
        expect(await row.getByRole("cell").allInnerTexts()).toEqual(["10", "1"]);
        expect(await page.getByRole("button").allInnerTexts()).toEqual(["Reject"]);
        await savePicture(page, "changed");
        await decide(page, "Reject", { code: ANN.code, reason: "the batch size was the problem" });
        expect(await world.latest()).toMatchObject({ status: "rejected" });
      });

      test("is not approved where it changed while the page was open", async () => {
        const options: { mapping?: Partial<EventSourceMapping> } = {};
        const { page, world } = await follow("changed-while-open", options);
        options.mapping = { batchSize: 1 };
        await decide(page, "Approve", { code: ANN.code });
        expect(await headingOn(page)).toBe("Not approved: things have changed");
        expect(await page.getByRole("button").allInnerTexts()).toEqual(["Reject"]);
        expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
        expect(world.woken).toEqual([]);
      });
    });

    describe("I5: a mail scanner that runs scripts", () => {
      test("follows every link, presses every button, sends every form: only audit rows come of it", async () => {
        const { page, url, world, posts } = await follow("scanner");
        const before = await world.state();
        const again = () => page.goto(url + ANN.linkId);
        await page.request.head(url + ANN.linkId);
        const links = await page.getByRole("link").count();
        for (let index = 0; index < links; index += 1) {
          await again();
          await page.getByRole("link").nth(index).click();
        }
        const buttons = await page.locator("button").count();
        expect(buttons).toBe(3);
        for (let index = 0; index < buttons; index += 1) {
          await again();
          await page.evaluate(`document.querySelectorAll("button")[${index}].click()`);
        }
        expect(posts()).toBe(0);
        // Scripts need not ask the browser whether a form is filled in.
        const sending = [
          ...[1, 2].map(
            (index) => `form.noValidate = true; form.querySelectorAll("button")[${index}].click()`,
          ),
          "form.submit()",
        ];
        for (const script of sending) {
          await again();
          await thenLoaded(page, () => page.evaluate(`{ const form = document.forms[0]; ${script} }`));
        }
        expect(posts()).toBe(sending.length);
        expect(await world.state()).toBe(before);
        expect(world.woken).toEqual([]);
        const results = new Set((await world.audit()).map(({ method, result }) => `${method} ${result}`));
        expect([...results].sort()).toEqual([
          "GET shown",
          "HEAD shown",
          "POST bad-request",
          "POST code-missing",
        ]);
      });
    });

    describe("by keyboard alone", () => {
      test("Tab reaches all there is, in the order it is read, and shows where it is", async () => {
        const { page } = await follow("keyboard-focus");
        const reached: string[] = [];
        for (;;) {
          await page.keyboard.press("Tab");
          const [name, outline] = (await page.evaluate(`(() => {
            const element = document.activeElement;
            const { outlineStyle, outlineWidth } = getComputedStyle(element);
            const name = element.id || element.value || element.textContent.trim();
            return [element === document.body ? "" : name, outlineStyle + " " + outlineWidth];
          })()`)) as [string, string];
          if (name === "" || reached.length === 20) break;
          reached.push(name);
          expect(`${name}: ${outline}`).toBe(`${name}: solid 3px`);
        }
        expect(reached).toEqual([
          "To the decision",
          "CloudFormation or SAM",
          "Terraform",
          "code",
          "reason",
          "approve",
          "reject",
        ]);
        await page.getByLabel("Code from the mail").focus();
      });

      test("Enter in the field of the code decides nothing; on a button it does", async () => {
        const { page, world, posts } = await follow("keyboard-approve");
        const before = await world.state();
        await page.getByLabel("Code from the mail").focus();
        await page.keyboard.type(ANN.code);
        await page.keyboard.press("Enter");
        expect(await headingOn(page)).toBe("Raise the visibility timeout of orders?");
        expect(posts()).toBe(0);
        expect(await world.state()).toBe(before);
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        await thenLoaded(page, () => page.keyboard.press("Enter"));
        expect(await headingOn(page)).toBe("Approved: it goes ahead");
        expect(posts()).toBe(1);
      });
    });

    describe("on a phone", () => {
      test.each(PAGES)("$name: nothing to scroll sideways, buttons for a thumb", async (one) => {
        const page = await reach(one, { ...PHONE, queueName: LONG_NAME, suffix: "phone" });
        expect(await headingOn(page)).toMatch(one.heading);
        const sizes =
          "({ clientWidth, scrollWidth } = document.documentElement) => [clientWidth, scrollWidth]";
        const widths = `(${sizes})(document.documentElement)`;
        expect(await page.evaluate(widths)).toEqual([390, 390]);
        // The narrowest window that a page has to fit (WCAG 2.2, 1.4.10).
        await page.setViewportSize({ width: 320, height: 844 });
        expect(await page.evaluate(widths)).toEqual([320, 320]);
        await page.setViewportSize({ width: 390, height: 844 });
        const tapped = page.locator("button:visible, input:visible, textarea, summary");
        for (const target of await tapped.all())
          expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(44);
      });
    });

    describe("in the dark", () => {
      test("is dark, its fields too", async () => {
        const { page } = await follow("dark", {}, { colorScheme: "dark" });
        const colours = `["body", "form", "input"].map((name) =>
          getComputedStyle(document.querySelector(name === "input" ? "#code" : name)).backgroundColor)`;
        for (const colour of (await page.evaluate(colours)) as string[]) {
          const parts = colour.match(/\d+/g) ?? [];
          expect(parts.length).toBeGreaterThanOrEqual(3);
          expect(Math.max(...parts.slice(0, 3).map(Number))).toBeLessThan(60);
        }
      });
    });

    describe("to a screen reader", () => {
      test("has one heading of the first level, labelled fields, and tables with captions", async () => {
        const { page } = await follow("accessibility-tree");
        const tree = await page.locator("body").ariaSnapshot();
        expect(tree.match(/heading .* \[level=1\]/g)).toHaveLength(1);
        for (const part of [
          "- banner",
          "- main",
          "- contentinfo",
          'heading "Raise the visibility timeout of orders?" [level=1]',
          'heading "Your decision" [level=2]',
          'img "Time line: the second invocation starts before the first one ends"',
          'table "What the change gives, and what it costs"',
          'rowheader "duplicates for 100 messages"',
          'textbox "Code from the mail"',
          'textbox "Reason, for a no"',
          'button "Approve 60 s"',
          'button "Reject"',
        ]) {
          expect(tree).toContain(part);
        }
        expect(tree).not.toContain("alert");
        expect(await page.getByLabel("Code from the mail").getAttribute("aria-describedby")).toBe(
          "code-hint",
        );
      });

      test("says what was wrong, beside the field that it was", async () => {
        const { page } = await follow("accessibility-error");
        await decide(page, "Approve", { code: "WRONG234" });
        const tree = await page.locator("body").ariaSnapshot();
        expect(tree).toMatch(/alert: .*not the code in the mail.* 4 tries are left/);
        expect(await page.locator("[aria-invalid=true]").getAttribute("id")).toBe("code");
        expect(await page.locator("#code-error").getAttribute("role")).toBe("alert");
      });

      test.each(PAGES)("$name: axe finds nothing to object to, in light and dark", async (one) => {
        // axe is a script, and the page's policy lets none in.
        const page = await reach(one, { bypassCSP: true, suffix: "dark" });
        expect(await headingOn(page)).toMatch(one.heading);
        await page.evaluate(axe.source);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          const { violations, passes } = (await page.evaluate("axe.run()")) as axe.AxeResults;
          expect(violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }))).toEqual(
            [],
          );
          expect(passes.map(({ id }) => id)).toContain("color-contrast");
        }
      });
    });

    describe("the content security policy", () => {
      test("lets in no script, no picture and no other address for the form", async () => {
        const { page, world, complaints, requests, kept } = await follow("policy");
        const before = requests.length;
        /** @param directives that must refuse something of it. */
        const inject = (script: string, directives: readonly string[]) =>
          Promise.all([
            ...directives.map((one) =>
              page.waitForEvent(
                "console",
                (message) => message.text().includes(`'${one}`) || message.text().includes(`"${one}`),
              ),
            ),
            page.evaluate(`{ ${script} }`),
          ]);
        await inject(
          `const script = document.createElement("script");
          script.textContent = "document.title = 'run'";
          document.body.append(script);
          const picture = document.createElement("img");
          picture.src = "https://elsewhere.example/picture.png";
          document.body.append(picture);
          document.body.setAttribute("style", "opacity: 0");`,
          ["default-src 'none'", "style-src"],
        );
        expect(await page.title()).toBe("Raise the visibility timeout of orders? · Doubletake");
        expect(await page.evaluate("getComputedStyle(document.body).opacity")).toBe("1");
        await inject(`document.forms[0].action = "https://elsewhere.example/"; document.forms[0].submit();`, [
          "form-action",
        ]);
        expect(complaints.splice(0)).toHaveLength(4);
        expect(requests.slice(before)).toEqual([]);
        expect(kept).toEqual(["GET https://elsewhere.example/picture.png"]);
        expect(await world.latest()).toMatchObject({ status: "waiting", decisions: [] });
      });

      test("lets no page hold it in a frame, not even one from the same place", async () => {
        const world = await createWorld();
        const body = `<h1>Win a prize</h1><iframe src="/${ANN.linkId}"></iframe>`;
        const prize = { statusCode: 200, headers: { "content-type": "text/html" }, body };
        const send = async (event: unknown) =>
          (event as { rawPath: string }).rawPath === "/prize" ? prize : world.send(event);
        const { page, url, complaints } = await visitWith("framed", { send });
        await page.goto(`${url}prize`);
        expect(page.frames()).toHaveLength(2);
        expect(await page.frames()[1]?.content()).not.toContain("visibility timeout");
        expect(complaints.splice(0)).toEqual([expect.stringContaining("frame-ancestors 'none'")]);
      });
    });

    describe("a whole run", () => {
      test("from a scan's finding through the browser to the end of the duplicates", async () => {
        const simulated = await simulateRemediation({ seed: 1, scenarios: ["visibility-expired"], hours: 6 });
        try {
          await simulated.scan();
          const [mail] = await simulated.approvalMails();
          const handler = createHandler(simulated.settings, simulated.decidePorts);
          const visit = await openVisit(browser, handler);
          open.push({ name: "whole-run", visit });
          await visit.page.goto(visit.url + mail?.linkId);
          await decide(visit.page, "Approve", { code: mail?.code ?? "" });
          expect(await headingOn(visit.page)).toBe("Approved: it goes ahead");
          await simulated.remediation.ended();
          expect(await simulated.ports.changes.list()).toMatchObject([
            { status: "closed", outcome: "better", after: { duplicates: 0 } },
          ]);
          await visit.page.goto(visit.url + mail?.linkId);
          expect(await visit.page.locator("main").innerText()).toContain("and it helped");
        } finally {
          await simulated.close();
        }
      });
    });
  },
);
