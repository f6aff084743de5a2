// The approval page on this computer: what Lambda does for a function's URL, on a loopback port.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Context } from "aws-lambda";
import * as z from "zod";

export interface ApprovalServer {
  /** Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

type UrlHandler = (event: unknown, context: Context) => Promise<unknown>;

/** What Lambda takes; more is refused before any function sees it. */
const MOST_BYTES = 6 * 1024 * 1024;
/** Bodies of other types come in base64, forms among them. */
const TEXT_TYPE = /^(text\/|application\/(json|javascript|xml)\b)/i;

const UrlResult = z.object({
  statusCode: z.number().int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** @param port 0 = any that is free. */
export async function startApprovalServer(
  handler: UrlHandler,
  { port = 0 }: { readonly port?: number } = {},
): Promise<ApprovalServer> {
  const server = createServer((request, response) => {
    // As with a function that failed: Bad Gateway, and nothing about why.
    answer(handler, request, response).catch(() => response.writeHead(502).end());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  handler: UrlHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) chunks.push(chunk);
  }
  if (bytes > MOST_BYTES) {
    response.writeHead(413).end();
    return;
  }
  const result = UrlResult.parse(await handler(urlEvent(request, Buffer.concat(chunks)), {} as Context));
  response.writeHead(result.statusCode, result.headers).end(result.body);
}

/** Payload format 2.0. */
function urlEvent({ method = "GET", url = "/", headers }: IncomingMessage, body: Buffer): unknown {
  const [rawPath = "/", ...query] = url.split("?");
  const isBase64Encoded = !TEXT_TYPE.test(headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query.join("?"),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    requestContext: { http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1" } },
    ...(body.length === 0
      ? { isBase64Encoded: false }
      : { body: body.toString(isBase64Encoded ? "base64" : "utf8"), isBase64Encoded }),
  };
}
