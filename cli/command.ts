import type { Io } from "./io.ts";
import { describeOptions, type OptionTable } from "./options.ts";

/** A command loads what it needs inside `run`, so that help and bad flags answer at once and without AWS. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the options, as the help writes it, e.g. "FILE…"; absent = nothing may. */
  readonly operands?: string;
  readonly options: OptionTable;
  /** Paragraphs below the options: exit codes, examples. */
  readonly notes: readonly string[];
  /** @returns the exit code. @throws AppError, which `main` turns into one sentence. */
  run(args: readonly string[], io: Io): Promise<number>;
}

export function commandHelp(command: Command, columns: number): string {
  const options = { ...command.options, help: { type: "boolean", help: "Show this text." } } as const;
  const blocks = [
    `doubletake ${command.name}: ${command.summary}`,
    `Usage: doubletake ${[command.name, "[options]", command.operands ?? ""].join(" ").trimEnd()}`,
    `Options:\n${describeOptions(options, columns)}`,
    ...command.notes,
  ];
  return `${blocks.join("\n\n")}\n`;
}
