// The answer as a function URL wants it: the same headers whatever it says.
import * as z from "zod";
import type { Html } from "./html.ts";
import type { UrlRequest } from "./request.ts";
import { STYLE_HASH } from "./style.ts";

/** What a request came to, as the audit trail has it. */
export type AuditResult =
  | "shown"
  | "approved"
  | "rejected"
  | "already-decided"
  | "expired"
  | "closed"
  | "unknown-link"
  | "code-missing"
  | "reason-missing"
  | "wrong-code"
  | "too-many-tries"
  | "changed"
  | "unreadable"
  | "paused"
  | "method-not-allowed"
  | "bad-request"
  | "too-large"
  | "unsupported-type"
  | "unavailable";

export interface Answer {
  readonly status: number;
  readonly result: AuditResult;
  readonly page: Html;
}

export const UrlResponse = z.object({
  statusCode: z.number().int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  isBase64Encoded: z.literal(false),
});
export type UrlResponse = z.infer<typeof UrlResponse>;

export const METHODS: readonly string[] = ["GET", "HEAD", "POST"];

/** Nothing is loaded, framed, kept or told to others; a form goes back to this page alone. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    `style-src '${STYLE_HASH}'`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex",
  "strict-transport-security": "max-age=63072000",
  "permissions-policy":
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=(), clipboard-write=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

export const respond = ({ status, page }: Answer, { method }: Pick<UrlRequest, "method">): UrlResponse => ({
  statusCode: status,
  headers: { ...HEADERS, ...(status === 405 ? { allow: METHODS.join(", ") } : {}) },
  body: method === "HEAD" ? "" : page.text,
  isBase64Encoded: false,
});
