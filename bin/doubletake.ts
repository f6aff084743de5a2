#!/usr/bin/env node
import process from "node:process";
import { EXIT } from "../cli/io.ts";
import { main } from "../cli/main.ts";
import { processIo } from "../cli/process-io.ts";

process.exitCode = await main(process.argv.slice(2), processIo());
// After Ctrl-C, calls to AWS may still be open: there is nothing left to wait for.
if (process.exitCode === EXIT.interrupted) process.exit();
