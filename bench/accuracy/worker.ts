// One thread of the benchmark: is sent seeds, answers with the judged paths of the account.
import { parentPort } from "node:worker_threads";
import { judgeAccount } from "./judge-account.ts";

parentPort?.on("message", async (seed: number) => {
  parentPort?.postMessage(await judgeAccount(seed));
});
