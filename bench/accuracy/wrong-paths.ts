// What went wrong on which path, so that each mistake can be simulated again from its seed.
import type { JudgedPath } from "./judged-path.ts";
import { broughtBackBy, NAMED_CAUSES, WORK_DONE_TWICE } from "./questions.ts";

/** @returns a line for each path with a mistake, "" where there is none; each line ends in a line break. */
export function renderWrongPaths(paths: readonly JudgedPath[]): string {
  return paths
    .map((path) => ({ path, mistakes: mistakesOf(path) }))
    .filter(({ mistakes }) => mistakes.length > 0)
    .map(({ path: { account, queueArn, logged }, mistakes }) => {
      const queue = queueArn.slice(queueArn.lastIndexOf(":") + 1);
      return `seed ${account}, ${queue} (logged: ${logged}): ${mistakes.join("; ")}\n`;
    })
    .join("");
}

function mistakesOf(path: JudgedPath): string[] {
  const { truth, verdict, plan } = path;
  const causes = NAMED_CAUSES.flatMap((cause) => {
    const { mustSay, maySay, doubletake } = broughtBackBy(cause);
    if (doubletake(path)) return maySay(path) ? [] : [`${cause} said wrongly`];
    return mustSay(path) ? [`${cause} missed (${truth.redeliveriesByCause[cause] ?? 0} redeliveries)`] : [];
  });
  const missed = WORK_DONE_TWICE.mustSay(path) && !WORK_DONE_TWICE.doubletake(path);
  return [
    ...causes,
    ...(missed ? [`${truth.duplicates} duplicates of ${truth.messages} messages missed`] : []),
    ...(verdict === truth.verdict ? [] : [`verdict ${verdict}, not ${truth.verdict}`]),
    ...(plan?.judgement === "harmful" ? ["harmful plan"] : []),
    ...(truth.quiet && path.flagged ? ["quiet, but flagged"] : []),
  ];
}
