import { analyze } from "./analyze.ts";
import { approvals } from "./approvals.ts";
import type { Command } from "./command.ts";
import { demo } from "./demo.ts";
import { scan } from "./scan.ts";
import { schema } from "./schema.ts";
import { simulate } from "./simulate.ts";

/** In the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [scan, analyze, approvals, demo, simulate, schema];
