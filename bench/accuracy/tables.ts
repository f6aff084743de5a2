// The report as text: the targets first, then the diagnosis against today's rules, then the details and how all of
// it depends on what the consumers log.
import { NAMED_CAUSES } from "./questions.ts";
import type { AccuracyReport, Confusion, Contestant, Measures, Proportion, Score } from "./report.ts";
import { RULES } from "./rules.ts";
import { decimals, f1Bars, shortCount, textTable, withInterval } from "./text-table.ts";

/** @returns the whole report, no line wider than 100 columns, ending in a line break. */
export function renderAccuracy(report: AccuracyReport): string {
  const { byLogged } = report;
  const groups: readonly Group[] = [
    { title: "ids and receive count logged", measures: byLogged["ids-and-receive-count"] },
    { title: "ids only logged", measures: byLogged.ids },
    { title: "nothing logged", measures: byLogged.nothing },
  ];
  const allAnd = [{ title: "all paths", measures: report }, ...groups];
  const sections = [
    header(report),
    titled("Targets", targetTable(report)),
    titled("Does this queue's visibility timeout make duplicates?", [
      ...contestantTable(report, timeoutScore),
      "",
      ...contestantBars(report, timeoutScore),
    ]),
    titled("Is work done twice on this path at all?", [
      ...contestantTable(report, workScore),
      "",
      ...contestantBars(report, workScore),
    ]),
    titled("Causes, all paths", [...causeTable(report), "", ...causeBars(report)]),
    ...groups.map(({ title, measures }) => titled(`Causes, ${title}`, causeTable(measures))),
    titled(
      "Redeliveries by true cause (rows) and by the cause said (columns)",
      causeMatrix(report.confusion),
    ),
    titled("Paths by true verdict (rows) and by the verdict said (columns)", verdictMatrix(report)),
    titled("By what the consumers log", groupTable(allAnd)),
    titled(
      "Work done twice that was found (%), by the share of duplicates among messages",
      shareTable(allAnd, ({ workDoneTwiceByShare }) => workDoneTwiceByShare),
    ),
    titled(
      "Completed twice and found by metrics alone (%), by the share of second deletions among messages",
      shareTable(allAnd, ({ completedTwiceByShare }) => completedTwiceByShare),
    ),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

interface Group {
  readonly title: string;
  readonly measures: Measures;
}

function titled(title: string, lines: readonly string[]): string[] {
  return [title, "─".repeat(title.length), ...lines];
}

function header({ accounts, paths, seed }: AccuracyReport): string[] {
  return [
    `Accuracy against the ground truth of ${accounts} simulated accounts, ${paths} paths (seed ${seed}).`,
    "In brackets: 95 % interval, rounded outwards. –: nothing to measure it on.",
    "SUPPORT: paths of which it must be said. SAID: paths of which it was.",
  ];
}

function targetTable({ targets }: AccuracyReport): string[] {
  return textTable([
    ["TARGET", "GOAL", "MEASURED", "SUPPORT", "STATUS"],
    ...targets.map(({ name, goal, value, support, status }) => [
      name,
      goal,
      decimals(value, name.startsWith("F1") ? 3 : Number.isInteger(value) ? 0 : 1),
      String(support),
      status,
    ]),
  ]);
}

function contestants(report: Measures): { readonly label: string; readonly contestant: Contestant }[] {
  const rules = RULES.flatMap(({ name, title }) => {
    const contestant = report.baselines[name];
    return contestant === undefined ? [] : [{ label: title, contestant }];
  });
  return [{ label: "Doubletake", contestant: report.doubletake }, ...rules];
}

type ScoreOf = (contestant: Contestant) => Score;
const timeoutScore: ScoreOf = (contestant) => contestant;
const workScore: ScoreOf = ({ workDoneTwice }) => workDoneTwice;

function contestantTable(report: Measures, scoreOf: ScoreOf): string[] {
  const rows = contestants(report).map(({ label, contestant }) => ({ label, score: scoreOf(contestant) }));
  return scoreTable("RULE", rows);
}

function contestantBars(report: Measures, scoreOf: ScoreOf): string[] {
  return f1Bars(
    contestants(report).map(({ label, contestant }) => ({ label, value: scoreOf(contestant).f1 })),
  );
}

function causeScores({ causes }: Measures): { readonly label: string; readonly score: Score }[] {
  return NAMED_CAUSES.flatMap((cause) => {
    const score = causes[cause];
    return score === undefined ? [] : [{ label: cause, score }];
  });
}

function causeTable(measures: Measures): string[] {
  return scoreTable("CAUSE", causeScores(measures));
}

function causeBars(measures: Measures): string[] {
  return f1Bars(causeScores(measures).map(({ label, score }) => ({ label, value: score.f1 })));
}

function scoreTable(
  title: string,
  rows: readonly { readonly label: string; readonly score: Score }[],
): string[] {
  return textTable([
    [title, "PRECISION", "RECALL", "F1", "SUPPORT", "SAID"],
    ...rows.map(({ label, score }) => [
      label,
      withInterval(score.precision, score.precisionInterval),
      withInterval(score.recall, score.recallInterval),
      withInterval(score.f1, score.f1Interval),
      String(score.support),
      String(score.said),
    ]),
  ]);
}

/** Causes are numbered, because their names have no room above the columns. */
function causeMatrix(confusion: Confusion): string[] {
  const numbers = new Map<string, string>(NAMED_CAUSES.map((cause, index) => [cause, String(index + 1)]));
  const words = new Map([
    ["not said", "SILENT"],
    ["not logged", "UNSEEN"],
  ]);
  const order = ["first", ...NAMED_CAUSES, "unknown", ...words.keys()];
  return [
    ...matrix("TRUE CAUSE", confusion, order, {
      row: (cause) => `${(numbers.get(cause) ?? "").padStart(2)} ${cause}`,
      column: (cause) => numbers.get(cause) ?? words.get(cause) ?? cause.toUpperCase(),
    }),
    "first: a first delivery. SILENT: a redelivery that nothing was said of, though the log lines named",
    "it. UNSEEN: one that no log line named.",
  ];
}

function verdictMatrix({ verdicts }: Measures): string[] {
  const order = ["duplicating", "at-risk", "retrying", "healthy", "unknown"];
  return matrix("TRUE VERDICT", verdicts.confusion, order, {
    row: (verdict) => verdict,
    column: (verdict) => verdict.toUpperCase(),
  });
}

/** Rows and columns in the given order, then what it does not name; those that do not occur are left out. */
function matrix(
  title: string,
  confusion: Confusion,
  order: readonly string[],
  label: { readonly row: (name: string) => string; readonly column: (name: string) => string },
): string[] {
  const said = Object.values(confusion).flatMap((row) => Object.keys(row));
  const names = [...new Set([...order, ...Object.keys(confusion), ...said])];
  const rows = names.filter((name) => confusion[name] !== undefined);
  const columns = names.filter((name) => rows.some((row) => (confusion[row]?.[name] ?? 0) > 0));
  if (columns.length === 0) return ["none"];
  return textTable(
    [
      [title, ...columns.map(label.column)],
      ...rows.map((row) => [
        label.row(row),
        ...columns.map((column) => shortCount(confusion[row]?.[column] ?? 0)),
      ]),
    ],
    " ",
  );
}

const GROUP_ROWS: readonly { readonly title: string; readonly cell: (measures: Measures) => string }[] = [
  { title: "paths", cell: ({ paths }) => String(paths) },
  { title: "verdicts right (%)", cell: ({ verdicts }) => percent(verdicts.accuracy) },
  { title: "causes said as proven, right (%)", cell: ({ evidence }) => percent(evidence.proven) },
  { title: "causes said as measured, right (%)", cell: ({ evidence }) => percent(evidence.measured) },
  { title: "paths with cause unknown", cell: ({ abstentions }) => String(abstentions) },
  { title: "plans right", cell: ({ plans }) => String(plans.right) },
  { title: "plans useless", cell: ({ plans }) => String(plans.useless) },
  { title: "plans harmful", cell: ({ plans }) => String(plans.harmful) },
  { title: "plans missing", cell: ({ plans }) => String(plans.missing) },
  {
    title: "plans, prediction error (% points)",
    cell: ({ plans }) => decimals(plans.predictionMedianErrorPercentagePoints, 2),
  },
  { title: "quiet paths flagged (%)", cell: ({ quietFlagged }) => percent(quietFlagged) },
  { title: "shares estimated from metrics", cell: ({ duplicateShare }) => String(duplicateShare.count) },
  {
    title: "… median error (%)",
    cell: ({ duplicateShareMedianErrorPercent: error, duplicateShare }) =>
      withInterval(error, duplicateShare.medianErrorInterval, 1),
  },
  {
    title: "… median bias (%)",
    cell: ({ duplicateShare }) => decimals(duplicateShare.medianBiasPercent, 1),
  },
  { title: "… where nothing was done twice", cell: ({ duplicateShare }) => String(duplicateShare.ofNothing) },
];

const GROUP_TITLES = ["ALL PATHS", "IDS AND COUNT", "IDS ONLY", "NOTHING"];

function groupTable(groups: readonly Group[]): string[] {
  return textTable([
    ["", ...GROUP_TITLES],
    ...GROUP_ROWS.map(({ title, cell }) => [title, ...groups.map(({ measures }) => cell(measures))]),
  ]);
}

/** The limit of what metrics can show: how many duplicates it takes. */
function shareTable(
  groups: readonly Group[],
  sharesOf: (measures: Measures) => Measures["workDoneTwiceByShare"],
): string[] {
  const bands = groups.slice(0, 1).flatMap(({ measures }) => sharesOf(measures));
  return textTable([
    ["SHARE (%)", ...GROUP_TITLES.flatMap((title) => [title, "OF"])],
    ...bands.map(({ abovePercent, upToPercent }, band) => [
      upToPercent === null ? `over ${abovePercent}` : `${abovePercent} to ${upToPercent}`,
      ...groups.flatMap(({ measures }) => {
        const found = sharesOf(measures)[band]?.found;
        return found === undefined ? ["–", "0"] : [percent(found), String(found.of)];
      }),
    ]),
  ]);
}

function percent({ share, interval }: Proportion): string {
  const ends = interval === null ? null : ([100 * interval[0], 100 * interval[1]] as const);
  return withInterval(share === null ? null : 100 * share, ends, 1);
}
