// The simulated account in a process of its own, so that neither its time nor its memory is taken for the scan's:
// `node account-process.ts SEED END_MS`, started with an IPC channel. Told a number of paths, it serves an account of so
// many and tells its URL; the one before is gone then.
import { type SimulatorServer, startServer } from "../../simulator/server.ts";
import { copiesOf } from "./copies.ts";
import { BASE_PATHS, createPaths } from "./paths.ts";
import { renderedOnce } from "./rendered-once.ts";

const [seed = 0, endMs = 0] = process.argv.slice(2).map(Number);
const account = renderedOnce(createPaths(seed, endMs));
let server: SimulatorServer | undefined;

process.on("disconnect", () => process.exit());
process.on("message", async (paths: number) => {
  await server?.close();
  server = await startServer({ account: copiesOf(account, paths / BASE_PATHS) });
  process.send?.({ url: server.url });
});
