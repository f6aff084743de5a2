// A proxy on loopback before the emulator's SNS, which mails nothing: it reads along what would have been mailed.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";

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
  /** Where it hands everything on to. */
  forwardTo(url: string): void;
  /** In the order of their sending. */
  mails(): readonly Mail[];
  close(): Promise<void>;
}

/** Of one connection alone. */
const HOP_BY_HOP = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

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

export async function startTap(): Promise<Tap> {
  const mails: Mail[] = [];
  let upstream = "";
  const server: Server = createServer(async (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    try {
      const body = await bodyOf(request);
      const answer = await fetch(`${upstream}${url}`, {
        method,
        headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
          value === undefined || HOP_BY_HOP.has(name) || name === "host" ? [] : [[name, String(value)]],
        ),
        ...(body.length > 0 && { body }),
      });
      const content = Buffer.from(await answer.arrayBuffer());
      const form = new URLSearchParams(body.toString("utf8"));
      if (answer.ok && form.get("Action") === "Publish") mails.push(mailOf(form));
      const kept = [...answer.headers].filter(
        ([name]) => !HOP_BY_HOP.has(name) && name !== "content-encoding",
      );
      response.writeHead(answer.status, Object.fromEntries(kept)).end(content);
    } catch (error) {
      response.writeHead(502, { "content-type": "text/plain" }).end(String(error));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    url: `http://127.0.0.1:${address.port}`,
    forwardTo: (url) => {
      upstream = url;
    },
    mails: () => mails,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
