// A request as a function URL hands it on (payload format 2.0). Anybody may send anything: what is not understood is
// empty, never an error.
import * as z from "zod";

/** Far above a code and a reason, far below what costs anything. */
const MOST_BYTES = 8 * 1024;
const FORM_TYPE = "application/x-www-form-urlencoded";
/** 256 random bits, base64url; some mail programs add a slash. */
const LINK_PATH = /^\/([A-Za-z0-9_-]{43})\/?$/;

const text = z.string().catch("");

export const UrlRequest = z
  .object({
    rawPath: text,
    headers: z.object({ "content-type": text }).catch({ "content-type": "" }),
    body: text,
    isBase64Encoded: z.boolean().catch(false),
    requestContext: z
      .object({ http: z.object({ method: text }).catch({ method: "" }) })
      .catch({ http: { method: "" } }),
  })
  .transform(({ rawPath, headers, body, isBase64Encoded, requestContext }) => ({
    /** `other` for what is no method. */
    method: /^[A-Z]{1,10}$/.exec(requestContext.http.method)?.[0] ?? "other",
    /** Undefined where the path cannot be a link's. */
    linkId: LINK_PATH.exec(rawPath)?.[1],
    contentType: headers["content-type"],
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  }));
export type UrlRequest = z.output<typeof UrlRequest>;

/** Everything else was invoked directly. */
export const isUrlEvent = (event: unknown): boolean =>
  (event as { requestContext?: { http?: unknown } | null } | null | undefined)?.requestContext?.http !==
  undefined;

/** What the form sends, untouched. */
export interface Form {
  /** Undefined unless it is one of the two, once. */
  readonly verdict: "approve" | "reject" | undefined;
  readonly code: string;
  readonly reason: string;
  readonly planHash: string;
}

export function readForm({ contentType, body }: UrlRequest): Form | "too-large" | "unsupported-type" {
  if (body.length > MOST_BYTES) return "too-large";
  if (contentType.split(";")[0]?.trim().toLowerCase() !== FORM_TYPE) return "unsupported-type";
  const fields = new URLSearchParams(body.toString("utf8"));
  const [verdict, ...more] = fields.getAll("verdict");
  return {
    verdict: (verdict === "approve" || verdict === "reject") && more.length === 0 ? verdict : undefined,
    code: fields.get("code") ?? "",
    reason: fields.get("reason") ?? "",
    planHash: fields.get("plan") ?? "",
  };
}
