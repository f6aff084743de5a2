// The simulated account in a thread of its own: it uses a second core, and its memory and clock are as far from
// the system that scans it as AWS's would be. See simulated-account.ts for the other side.
import { parentPort, workerData } from "node:worker_threads";
import { createAccount } from "../simulator/create-account.ts";
import { startServer } from "../simulator/server.ts";
import type { ThreadOptions, ThreadReply, ThreadRequest } from "./simulated-account.ts";

if (parentPort === null) throw new Error("expected to run in a worker thread");
const port = parentPort;

const { account, truth } = createAccount(workerData as ThreadOptions);
const server = await startServer({ account });

const reply = (message: ThreadReply) => port.postMessage(message);
port.on("message", async (request: ThreadRequest) => {
  switch (request.kind) {
    case "reveal":
      reply({
        kind: "revealed",
        published: server.published(),
        paths: [
          ...truth.paths().map((path) => ({
            ...path,
            redeliveriesByCause: truth.summary(path.queueArn, request.startMs, request.endMs)
              .redeliveriesByCause,
          })),
          ...truth.asyncPaths().map((path) => ({
            ...path,
            planExpected: false as const,
            redeliveriesByCause: truth.asyncSummary(path.functionArn, request.startMs, request.endMs)
              .redeliveriesByCause,
          })),
        ],
      });
      return;
    case "close":
      await server.close();
      port.close();
      return;
  }
});
reply({ kind: "listening", url: server.url });
