// How right is the diagnosis? `npm run bench:accuracy`: simulated accounts that nobody tuned, scanned as they would be on
// AWS, held against the simulation's ground truth. docs/accuracy.md explains the tables.
import { parseArgs } from "node:util";
import { accuracyJson } from "./accuracy/json.ts";
import { judgeAccounts } from "./accuracy/judge-accounts.ts";
import { reportAccuracy } from "./accuracy/measure.ts";
import { renderAccuracy } from "./accuracy/tables.ts";
import { hasMissed } from "./accuracy/targets.ts";
import { renderWrongPaths } from "./accuracy/wrong-paths.ts";
import { runCommand, wholeNumber } from "./command-line.ts";

const HELP = `npm run bench:accuracy -- [options]

Simulates accounts from seeds, scans each, and compares every finding with what really happened.

  --accounts N   how many accounts, eight paths each (default 200)
  --seed S       seed of the first account; the others follow it (default 1)
  --json         one JSON document instead of tables
  --wrong        a line for each path that was judged wrongly, with its seed
  --check        exit with 1 when a target is missed
  --help
`;
const PROGRESS_EVERY = 10;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      accounts: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      wrong: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const accounts = wholeNumber("--accounts", values.accounts, 1);
  const seed = wholeNumber("--seed", values.seed, 0);
  const paths = await judgeAccounts({ accounts, seed, onJudged: (done) => tellProgress(done, accounts) });
  const report = reportAccuracy(seed, paths);
  process.stdout.write(values.json ? accuracyJson(report) : renderAccuracy(report));
  if (values.wrong) process.stdout.write(renderWrongPaths(paths));
  return values.check && hasMissed(report.targets) ? 1 : 0;
}

function tellProgress(done: number, accounts: number): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${done} of ${accounts} accounts${done === accounts ? "\n" : ""}`);
  else if (done % PROGRESS_EVERY === 0) process.stderr.write(`${done} of ${accounts} accounts\n`);
}

await runCommand(main);
