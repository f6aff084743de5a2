// Speed of the correlator: `npm run bench:correlate -- [--events N …] [--seed S] [--chatter LINES] [--skip
// CONTESTANT …]`. The same log events to three contestants: which messages were given to more than one invocation? Only
// one of them says why. More chatter means more lines for the same messages.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generate } from "./correlate/generate.ts";
import { bundleContestant, CONTESTANTS, type Contestant, type Result, race } from "./correlate/race.ts";
import { roundLines, wrongAnswers } from "./correlate/tables.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", multiple: true, default: ["100000", "1000000", "5000000"] },
    seed: { type: "string", default: "1" },
    chatter: { type: "string", default: "0" },
    skip: { type: "string", multiple: true, default: [] },
  },
});

const print = (text: string) => process.stdout.write(`${text}\n`);
const directory = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
const path = join(directory, "events.jsonl");
try {
  await bundleContestant();
  for (const events of values.events.map(Number)) {
    const wanted = { events, seed: Number(values.seed), chatter: Number(values.chatter) };
    const generated = generate(path, wanted);
    const results = new Map<Contestant, Result | null>();
    for (const contestant of CONTESTANTS) {
      if (!values.skip.includes(contestant))
        results.set(contestant, await race(contestant, path, generated.messages));
    }
    for (const line of roundLines({ generated, results })) print(line);
    print("");
    for (const wrong of wrongAnswers({ generated, results })) {
      print(`WRONG: ${wrong}`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
