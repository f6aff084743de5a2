// What the benchmarks' commands have in common.

/**
 * A whole number as an option gives it.
 * @param step it must be a multiple of.
 * @throws RangeError that says what was expected.
 */
export function wholeNumber(option: string, text: string, least: number, step = 1): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isInteger(number / step) && number >= least) return number;
  const kind = step === 1 ? "a whole number" : `a multiple of ${step}`;
  throw new RangeError(`${option}: expected ${kind} from ${least} on, got "${text}"`);
}

/** Runs the command, and sets the exit code: its own, or 2 with one sentence for wrong options, or a stack. */
export async function runCommand(main: (args: readonly string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const isUsage = error instanceof RangeError || (error instanceof TypeError && "code" in error);
    process.stderr.write(`${isUsage ? (error as Error).message : String((error as Error).stack)}\n`);
    process.exitCode = 2;
  }
}
