// A proxy on loopback before the emulator, which mails nothing: it reads along what would have been mailed.
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";

/** What SNS would have mailed. */
export interface Mail {
  readonly topicArn: string;
  readonly subject: string;
  readonly text: string;
  /** What any other kind of subscriber gets. */
  readonly json: unknown;
  /** Undefined for what everybody gets. */
  readonly recipient: string | undefined;
}

export interface Tap {
  readonly url: string;
  /** In the order of their sending. */
  mails(): readonly Mail[];
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The Query protocol's form, of a notification with one body per kind of subscriber. */
function mailOf(form: URLSearchParams): Mail {
  const bodies: Record<string, string> = JSON.parse(form.get("Message") ?? "{}");
  return {
    topicArn: form.get("TopicArn") ?? "",
    subject: form.get("Subject") ?? "",
    text: bodies["email"] ?? "",
    json: JSON.parse(bodies["default"] ?? "null"),
    recipient: form.get("MessageAttributes.entry.1.Value.StringValue") ?? undefined,
  };
}

/**
 * As it came, host and all: the signature is over these. To the emulator, which speaks plain HTTP, it came by TLS:
 * topics and the bucket for assets accept nothing else.
 */
function forward(upstream: string, request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, url = "/" } = request;
    const headers = { ...request.headers, "x-forwarded-proto": "https" };
    httpRequest(new URL(url, upstream), { method, headers, setHost: false, agent: false }, resolve)
      .on("error", reject)
      .end(body);
  });
}

/** @param upstream where it hands everything on to. */
export async function startTap(upstream: string): Promise<Tap> {
  const mails: Mail[] = [];
  const server: Server = createServer(async (request, response) => {
    try {
      const body = await bodyOf(request);
      const answer = await forward(upstream, request, body);
      const form = new URLSearchParams(body.toString("utf8"));
      if (answer.statusCode === 200 && form.get("Action") === "Publish") mails.push(mailOf(form));
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    } catch (error) {
      response.writeHead(502, { "content-type": "text/plain" }).end(String(error));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    url: `http://127.0.0.1:${address.port}`,
    mails: () => mails,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
