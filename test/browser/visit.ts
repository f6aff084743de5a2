// Somebody's browser at the approval page, and all that it asked for and complained about.
import type { Context } from "aws-lambda";
import type { Browser, BrowserContextOptions, Page, Request } from "playwright-core";
import { type ApprovalServer, startApprovalServer } from "../../cli/approval-server.ts";

/** Time and the size of the window are the same everywhere; text is as large as a person has it. */
const DESKTOP: BrowserContextOptions = {
  viewport: { width: 1280, height: 900 },
  locale: "en-GB",
  timezoneId: "UTC",
  reducedMotion: "reduce",
};

/** The browser says so of any page that is no success, ours of a wrong code too. */
const STATUS_IS_NO_SUCCESS = /^Failed to load resource: the server responded with a status of \d+/;

export interface Visit {
  readonly page: Page;
  /** Of the page, with a slash at the end. */
  readonly url: string;
  /** Methods and addresses of what left the browser, in order. */
  readonly requests: readonly string[];
  /** Of what the page's content security policy kept in it. */
  readonly kept: readonly string[];
  /** Errors on the console and in scripts: what the content security policy refuses, for example. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function openVisit(
  browser: Browser,
  handler: (event: unknown, context: Context) => Promise<unknown>,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const server: ApprovalServer = await startApprovalServer(handler);
  const context = await browser.newContext({ ...DESKTOP, ...options });
  const requests: string[] = [];
  const kept: string[] = [];
  const complaints: string[] = [];
  const nameOf = (request: Request) => `${request.method()} ${request.url()}`;
  context.on("request", (request) => requests.push(nameOf(request)));
  context.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "csp") return;
    kept.push(...requests.splice(requests.lastIndexOf(nameOf(request)), 1));
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" && !STATUS_IS_NO_SUCCESS.test(message.text()))
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const close = async () => {
    await context.close();
    await server.close();
  };
  return { page, url: server.url, requests, kept, complaints, close };
}

export const headingOn = (page: Page): Promise<string> => page.getByRole("heading", { level: 1 }).innerText();

export interface Answers {
  readonly code?: string;
  readonly reason?: string;
}

/** @param act what leads to another page; waits for that one. */
export async function thenLoaded(page: Page, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForEvent("load"), act()]);
}

/** Fills in the form by its labels, presses one of the two buttons and waits for the answer. */
export async function decide(
  page: Page,
  button: "Approve" | "Reject",
  { code, reason }: Answers,
): Promise<void> {
  if (code !== undefined) await page.getByLabel("Code from the mail").fill(code);
  if (reason !== undefined) await page.getByLabel("Reason, for a no").fill(reason);
  await thenLoaded(page, () => page.getByRole("button", { name: button }).click());
}
