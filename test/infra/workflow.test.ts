import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { identityStatements, resourcesOf, synthesise } from "../support/synthesised-stack.ts";

const text = readFileSync(new URL("../../statemachine/scan.asl.json", import.meta.url), "utf8");
const template = synthesise();
const [[machineId, machine] = ["", undefined]] = resourcesOf(template, "AWS::StepFunctions::StateMachine");

interface Task {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly placeholder: string;
}

/** Every state that calls a function, those inside a Map too. */
function tasksOf(states: Record<string, Record<string, unknown>>): Task[] {
  return Object.entries(states).flatMap(([name, state]) => {
    if (state["Type"] === "Map") {
      return tasksOf((state["ItemProcessor"] as { States: Record<string, Record<string, unknown>> }).States);
    }
    if (state["Type"] !== "Task") return [];
    const { FunctionName } = state["Parameters"] as { FunctionName: string };
    return [{ name, timeoutSeconds: Number(state["TimeoutSeconds"]), placeholder: FunctionName }];
  });
}

const tasks = tasksOf(JSON.parse(text).States);

describe("the state machine", () => {
  test("is the definition file as it lies", () => {
    expect(JSON.parse(machine?.Properties.DefinitionString)).toEqual(JSON.parse(text));
  });

  test("each placeholder has a substitution, and each substitution a placeholder", () => {
    const placeholders = [...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]);
    expect(Object.keys(machine?.Properties.DefinitionSubstitutions).sort()).toEqual(
      [...new Set(placeholders)].sort(),
    );
  });

  test.each(tasks)("$name calls the function of its name", ({ name, placeholder }) => {
    expect(placeholder).toBe(`\${${name}FunctionArn}`);
    const substitution = machine?.Properties.DefinitionSubstitutions[`${name}FunctionArn`];
    expect(substitution["Fn::GetAtt"]).toEqual([expect.stringMatching(`^Functions${name}Function`), "Arn"]);
  });

  test.each(tasks)("$name outlasts its function, which therefore never runs on unwatched", (task) => {
    const [fn] = resourcesOf(template, "AWS::Lambda::Function").filter(([id]) =>
      id.startsWith(`Functions${task.name}Function`),
    );
    expect(fn?.[1].Properties.Timeout).toBeLessThan(task.timeoutSeconds);
  });

  test("is a standard workflow, traced, with all events logged and a time limit", () => {
    expect(machine?.Properties).toMatchObject({
      StateMachineType: "STANDARD",
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: "ALL" },
    });
    expect(JSON.parse(text).TimeoutSeconds).toBeGreaterThan(0);
  });

  test("may invoke its functions and start its own batches, and nothing else", () => {
    const own = identityStatements(template).filter(({ roles }) =>
      roles.some((role) => role.startsWith("ScanRole")),
    );
    const functionIds = resourcesOf(template, "AWS::Lambda::Function").map(([id]) => id);
    const invoke = own.find(({ actions }) => actions.includes("lambda:InvokeFunction"));
    expect(invoke?.resources).toHaveLength(functionIds.length);
    for (const id of functionIds) expect(invoke?.resources).toContainEqual({ "Fn::GetAtt": [id, "Arn"] });

    const starts = own.filter(({ actions }) => actions.includes("states:StartExecution"));
    expect(starts.map(({ resources }) => resources)).toEqual([[{ Ref: machineId }]]);
    const watches = own.filter(({ actions }) => actions.includes("states:StopExecution"));
    expect(watches.map(({ actions }) => actions)).toEqual([
      ["states:DescribeExecution", "states:StopExecution"],
    ]);
    const watched = watches[0]?.resources.map((resource) => JSON.stringify(resource)).sort();
    expect(watched).toEqual([
      expect.stringMatching(/:execution:.*"\/\*"/),
      expect.stringMatching(/:execution:.*":\*"/),
    ]);
  });

  test("no policy that it waits for names it, or CloudFormation could not order them", () => {
    const policies = Object.fromEntries(resourcesOf(template, "AWS::IAM::Policy"));
    const waitsFor = machine?.DependsOn?.filter((id) => id in policies) ?? [];
    expect(waitsFor).not.toEqual([]);
    for (const id of waitsFor) expect(JSON.stringify(policies[id])).not.toContain(`"${machineId}"`);
  });
});
