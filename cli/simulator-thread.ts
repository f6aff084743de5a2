// The simulated account in a thread of its own: it uses a second core, and its memory and clock are as far from
// the system that scans it as AWS's would be. See simulated-account.ts for the other side.
import { parentPort, workerData } from "node:worker_threads";
import { createAccount } from "../simulator/create-account.ts";
import { startServer } from "../simulator/server.ts";
import type {
  PathTruth,
  ThreadAnswers,
  ThreadOptions,
  ThreadQuestion,
  ThreadReply,
  ThreadRequest,
} from "./simulated-account.ts";

if (parentPort === null) throw new Error("expected to run in a worker thread");
const port = parentPort;

const { account, truth } = createAccount(workerData as ThreadOptions);
const server = await startServer({ account });

const reply = (message: ThreadReply) => port.postMessage(message);
port.on("message", async (request: ThreadRequest) => {
  switch (request.kind) {
    case "question":
      reply({ kind: "answer", id: request.id, answer: answer(request.question) });
      return;
    case "close":
      await server.close();
      port.close();
      return;
  }
});
reply({ kind: "listening", url: server.url });

function answer(question: ThreadQuestion): ThreadAnswers[ThreadQuestion["kind"]] {
  switch (question.kind) {
    case "reveal":
      return { published: server.published(), paths: pathTruths(question.startMs, question.endMs) };
    case "published":
      return server.published();
    case "advance":
      account.advanceTo(question.timeMs);
      return undefined;
    case "confirm-subscriptions":
      server.confirmSubscriptions();
      return undefined;
  }
}

function pathTruths(startMs: number, endMs: number): PathTruth[] {
  return [
    ...truth.paths().map((path) => ({
      ...path,
      redeliveriesByCause: truth.summary(path.queueArn, startMs, endMs).redeliveriesByCause,
    })),
    ...truth.asyncPaths().map((path) => ({
      ...path,
      planExpected: false as const,
      redeliveriesByCause: truth.asyncSummary(path.functionArn, startMs, endMs).redeliveriesByCause,
    })),
  ];
}
