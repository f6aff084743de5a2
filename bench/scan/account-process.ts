// The simulated account in a process of its own, so that neither its time nor its memory is taken for the scan's:
// `node account-process.ts PATHS SEED END_MS`, started with an IPC channel on which it tells its URL.
import { startServer } from "../../simulator/server.ts";
import { createPaths } from "./paths.ts";

const [paths = 0, seed = 0, endMs = 0] = process.argv.slice(2).map(Number);
const server = await startServer({ account: createPaths(paths, seed, endMs) });
process.on("disconnect", () => process.exit());
process.send?.({ url: server.url });
