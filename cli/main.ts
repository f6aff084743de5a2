// The command line: finds the command, runs it, and turns what it throws into a sentence and an exit code.

import { VERSION } from "../aws/version.ts";
import { ConfigError } from "../core/errors.ts";
import { commandHelp } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { reportFailure } from "./failure.ts";
import { EXIT, type Io } from "./io.ts";
import { suggestion } from "./nearest.ts";

/** @returns the exit code; never throws. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    return reportFailure(error, io);
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    io.stderr(overallHelp());
    return EXIT.usage;
  }
  if (first === "--version" || first === "-v") {
    io.stdout(`${VERSION}\n`);
    return EXIT.ok;
  }
  const isHelp = first === "help" || first === "--help" || first === "-h";
  const name = isHelp ? rest[0] : first;
  if (name === undefined) {
    io.stdout(overallHelp());
    return EXIT.ok;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const names = [...COMMANDS.map((each) => each.name), "help"];
    throw new ConfigError(
      `unknown command "${name}"${suggestion(name, names) || `; the commands are ${names.join(", ")}`}`,
    );
  }
  if (isHelp || rest.includes("--help") || rest.includes("-h")) {
    io.stdout(commandHelp(command, io.columns));
    return EXIT.ok;
  }
  return command.run(rest, io);
}

function overallHelp(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    `doubletake ${VERSION}: finds the SQS messages that Lambda functions process twice, proves why, and helps to fix it`,
    "",
    "Usage: doubletake <command> [options]",
    "",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    'Try "doubletake demo" first: it needs no AWS account. "doubletake <command> --help" lists the options.',
    "",
  ].join("\n");
}
