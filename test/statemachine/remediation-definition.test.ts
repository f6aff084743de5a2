import { describe, expect, test } from "@jest/globals";
import { ChangeSettings } from "../../core/model/change-settings.ts";
import { MAX_VISIBILITY_TIMEOUT_SECONDS, ScanSettings } from "../../core/model/settings.ts";
import { EXPIRY_MARGIN_SECONDS } from "../../core/remediate/revalidate.ts";
import {
  describeDefinition,
  folderOf,
  functionFolders,
  readDefinition,
  type State,
  statesOf,
  tasksOf,
} from "../support/definition-rules.ts";

const definition = readDefinition("remediation.asl.json");
const states = statesOf(definition);
const tasks = tasksOf(definition);
/** The two that tell how it ended; what comes before them leads there. */
const ENDING = ["Close", "NotifyOutcome"];
const working = tasks.filter(([name]) => !ENDING.includes(name));

describeDefinition("remediation.asl.json", {
  definition,
  payloadKeys: [
    "changeId.$",
    "taskToken.$",
    "executionId.$",
    "action",
    "scanId.$",
    "window.$",
    "batchKey.$",
    "attempt.$",
    "error.$",
  ],
  // The one function that may change a queue serves two states.
  servedBy: { RollBack: "Apply" },
  waiting: ["RequestApproval"],
});

/** All states that can follow one, however it ends. */
const nextOf = ({ Next, Default, Choices = [], Catch = [] }: State): string[] =>
  [Next, Default, ...Choices.map((one) => one.Next), ...Catch.map((one) => one.Next)].filter(
    (name) => name !== undefined,
  );

/** Every state from which all ways, without going in circles, come to `goal`. */
function cannotMiss(goal: string): Set<string> {
  const sure = new Set([goal]);
  // A state that may go round once more (asking again, looking again) still has to leave through the others.
  const canEscape = (name: string, seen: ReadonlySet<string>): boolean => {
    if (sure.has(name) || seen.has(name)) return false;
    const next = nextOf(definition.States[name] as State);
    if (next.length === 0) return true;
    return next.some((one) => canEscape(one, new Set([...seen, name])));
  };
  for (const [name] of states) if (!canEscape(name, new Set())) sure.add(name);
  return sure;
}

describe("remediation.asl.json", () => {
  test("every function's folder is a state of one of the machines, or the approvals function", () => {
    const called = [...tasks, ...tasksOf(readDefinition("scan.asl.json"))].map(([, state]) =>
      folderOf(state),
    );
    expect(functionFolders()).toEqual([...new Set([...called, "approvals"])].sort());
  });

  test("every way leads through NotifyOutcome to the one end: nothing ends untold", () => {
    const told = cannotMiss("NotifyOutcome");
    const untold = states.map(([name]) => name).filter((name) => !told.has(name));
    expect(untold).toEqual(["Done"]);
    expect(states.filter(([, { Type }]) => Type === "Fail")).toEqual([]);
    expect(definition.States["NotifyOutcome"]).toMatchObject({ Next: "Done" });
    expect(definition.States["Close"]).toMatchObject({ Next: "NotifyOutcome" });
  });

  test.each(working)("%s catches everything: its failure is closed, or judged without logs", (_, state) => {
    const last = state.Catch?.at(-1);
    expect(last?.ErrorEquals).toEqual(["States.ALL"]);
    expect(["Close", "MeasureEffect"]).toContain(last?.Next);
    // Close reads the error; where the logs failed, Close is told of no failure.
    expect(last?.ResultPath).toBe(last?.Next === "Close" ? "$.error" : "$.logsError");
  });

  test("only what reads logs goes on without its result", () => {
    const going = working.filter(([, { Catch = [] }]) => Catch.at(-1)?.Next === "MeasureEffect");
    expect(going.map(([name]) => name)).toEqual(["StartQueries", "CollectDeliveries"]);
  });

  test.each(tasks.filter(([name]) => ENDING.includes(name)))(
    "%s catches nothing: an alarm tells",
    (_, state) => {
      expect(state.Catch).toBeUndefined();
    },
  );

  test("where no state has failed, Close is told so", () => {
    expect(definition.States["Begin"]).toMatchObject({
      Result: { Error: "", Cause: "" },
      ResultPath: "$.error",
    });
  });

  test("runs longer than the longest approval and observation that may be configured, and below 2^31 ms", () => {
    const most = <Key extends keyof typeof ChangeSettings.shape>(key: Key): number => {
      const schema = ChangeSettings.shape[key] as unknown as { unwrap(): { maxValue: number } };
      return schema.unwrap().maxValue;
    };
    const settleMinutes = (ScanSettings.shape.settleMinutes.unwrap() as { maxValue: number | null }).maxValue;
    const hour = 3600;
    const longest =
      most("approvalHours") * hour +
      EXPIRY_MARGIN_SECONDS +
      MAX_VISIBILITY_TIMEOUT_SECONDS +
      most("observationMinutes") * 60 +
      (settleMinutes ?? Number.NaN) * 60 +
      hour;
    expect(longest).toBeGreaterThan(21 * 24 * hour);
    expect(definition.TimeoutSeconds).toBeGreaterThan(longest);
    // What counts in 32-bit milliseconds (the interpreter's timers) must not overflow.
    expect(definition.TimeoutSeconds * 1000).toBeLessThan(2 ** 31);
  });

  test("I7: the task token goes to RequestApproval alone, and no state keeps what it answers", () => {
    const withToken = states.filter(([, state]) => JSON.stringify(state).includes("$$.Task.Token"));
    expect(withToken.map(([name]) => name)).toEqual(["RequestApproval"]);
    expect(definition.States["RequestApproval"]).toMatchObject({ ResultPath: null });
  });

  test("what wakes RequestApproval, or ends its wait, is not believed: the ledger is asked", () => {
    const { Next, Catch = [] } = definition.States["RequestApproval"] as State;
    expect(Next).toBe("ConcludeApproval");
    expect(Catch[0]).toMatchObject({
      ErrorEquals: ["ApprovalSettledError", "States.Timeout"],
      Next: "ConcludeApproval",
    });
  });

  test("Apply and RollBack each say what is to be done, in so many words", () => {
    const actions = tasks.flatMap(([name, { Parameters }]) => {
      const action = Parameters?.Payload["action"];
      return action === undefined ? [] : [[name, action]];
    });
    expect(actions).toEqual([
      ["Apply", "apply"],
      ["RollBack", "roll-back"],
    ]);
  });
});
