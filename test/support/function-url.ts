// Requests as a function URL hands them on (payload format 2.0).

export interface UrlEventOptions {
  /** @default GET */
  readonly method?: string;
  /** @default / */
  readonly path?: string;
  /** Names in lower case, as Lambda gives them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Encodes the body as Lambda does for types that are no text, forms among them. @default false */
  readonly base64?: boolean;
}

export function urlEvent(options: UrlEventOptions = {}) {
  const { method = "GET", path = "/", headers = {}, body, base64 = false } = options;
  const [rawPath = "/", rawQueryString = ""] = path.split("?");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: { host: "abc123.lambda-url.eu-west-1.on.aws", ...headers },
    requestContext: {
      accountId: "anonymous",
      apiId: "abc123",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "request-1",
      stage: "$default",
    },
    ...(body === undefined ? {} : { body: base64 ? Buffer.from(body).toString("base64") : body }),
    isBase64Encoded: base64,
  };
}

/** What a browser sends for the form. */
export const formEvent = (path: string, fields: Readonly<Record<string, string>>) =>
  urlEvent({
    method: "POST",
    path,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
    base64: true,
  });
