// The approval page as the link in a mail opens it, for a scanner that only looks and a person who decides.
import type { Mail } from "./tap.ts";

/** The host of a function URL is AWS's; the emulator serves the same URL under a path. */
const FUNCTION_URL = /^https:\/\/([a-z0-9]{32})\.lambda-url\.[\w-]+\.on\.aws\//;
const PLAN_FIELD = /name="plan" value="([^"]+)"/;
const HEADING = /<h1>([^<]*)<\/h1>/;

export interface Link {
  readonly url: string;
  readonly code: string;
}

export interface Page {
  readonly status: number;
  readonly heading: string;
  readonly html: string;
}

/** @throws Error unless the mail's text has a link to the page and a code. */
export function linkOf({ text }: Mail, pageUrl: string): Link {
  const url = text.split("\n").find((line) => line.startsWith(pageUrl));
  const code = /Code: (\S+)/.exec(text)?.[1];
  if (url === undefined || code === undefined) throw new Error(`no link or no code in the mail:\n${text}`);
  return { url, code };
}

async function request(endpoint: string, url: string, init: RequestInit): Promise<Page> {
  const at = url.replace(FUNCTION_URL, `${endpoint}/_aws/lambda-url/$1/`);
  const response = await fetch(at, { ...init, redirect: "manual" });
  const html = await response.text();
  return { status: response.status, heading: HEADING.exec(html)?.[1] ?? "", html };
}

/** As mail scanners do: HEAD, GET, and the form sent without a code. */
export async function visitAsScanner(endpoint: string, { url }: Link): Promise<Page[]> {
  const form = new URLSearchParams({ verdict: "approve", code: "", reason: "", plan: "" });
  return [
    await request(endpoint, url, { method: "HEAD" }),
    await request(endpoint, url, { method: "GET" }),
    await request(endpoint, url, { method: "POST", body: form }),
  ];
}

/** As the person who has the mail does: looks, types the code, presses a button. */
export async function decide(
  endpoint: string,
  { url, code }: Link,
  verdict: "approve" | "reject",
): Promise<Page> {
  const shown = await request(endpoint, url, { method: "GET" });
  const plan = PLAN_FIELD.exec(shown.html)?.[1] ?? "";
  const reason = verdict === "reject" ? "the end-to-end run says no" : "";
  const form = new URLSearchParams({ verdict, code, reason, plan });
  return request(endpoint, url, { method: "POST", body: form });
}
