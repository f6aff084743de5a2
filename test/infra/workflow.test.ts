import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { EXPIRY_MARGIN_SECONDS } from "../../core/remediate/revalidate.ts";
import {
  functionOf,
  holderOf,
  identityStatements,
  resourcesOf,
  stateMachineOf,
  synthesise,
} from "../support/synthesised-stack.ts";

const template = synthesise();
const statements = identityStatements(template);

interface Task {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly placeholder: string;
}

/** States that do not call the function of their name: one function alone may change queues (see Apply). */
const CALLS: Readonly<Record<string, string>> = { RollBack: "Apply" };
const calledBy = (state: string): string => CALLS[state] ?? state;

/** Every state that calls a function, those inside a Map too. */
function tasksOf(states: Record<string, Record<string, unknown>>): Task[] {
  return Object.entries(states).flatMap(([name, state]) => {
    if (state["Type"] === "Map") {
      return tasksOf((state["ItemProcessor"] as { States: Record<string, Record<string, unknown>> }).States);
    }
    if (state["Type"] !== "Task") return [];
    const { FunctionName } = state["Parameters"] as { FunctionName: string };
    return [{ name, timeoutSeconds: leastTimeoutOf(state), placeholder: FunctionName }];
  });
}

/** What waits for a decision is told by the path how long, and never less than the margin. */
function leastTimeoutOf(state: Record<string, unknown>): number {
  return state["TimeoutSecondsPath"] === undefined ? Number(state["TimeoutSeconds"]) : EXPIRY_MARGIN_SECONDS;
}

describe.each(["scan", "remediation"] as const)("the state machine of the %s workflow", (workflow) => {
  const text = readFileSync(new URL(`../../statemachine/${workflow}.asl.json`, import.meta.url), "utf8");
  const [machineId, machine] = stateMachineOf(template, workflow);
  const tasks = tasksOf(JSON.parse(text).States);
  const { RoleArn } = machine.Properties;
  const own = statements.filter(({ roles }) => roles.includes(RoleArn["Fn::GetAtt"][0]));

  test("is the definition file as it lies", () => {
    expect(JSON.parse(machine.Properties.DefinitionString)).toEqual(JSON.parse(text));
  });

  test("each placeholder has a substitution, and each substitution a placeholder", () => {
    const placeholders = [...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]);
    expect(Object.keys(machine.Properties.DefinitionSubstitutions).sort()).toEqual(
      [...new Set(placeholders)].sort(),
    );
  });

  test.each(tasks)("$name calls the function of its name", ({ name, placeholder }) => {
    expect(placeholder).toBe(`\${${calledBy(name)}FunctionArn}`);
    const substitution = machine.Properties.DefinitionSubstitutions[`${calledBy(name)}FunctionArn`];
    expect(substitution["Fn::GetAtt"]).toEqual([functionOf(template, calledBy(name))[0], "Arn"]);
  });

  test.each(tasks)("$name outlasts its function, which therefore never runs on unwatched", (task) => {
    const [, fn] = functionOf(template, calledBy(task.name));
    expect(fn.Properties.Timeout).toBeLessThan(task.timeoutSeconds);
  });

  test("is a standard workflow, traced, with all events logged and a time limit", () => {
    expect(machine.Properties).toMatchObject({
      StateMachineType: "STANDARD",
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: "ALL" },
    });
    expect(JSON.parse(text).TimeoutSeconds).toBeGreaterThan(0);
  });

  test("may invoke the functions of its tasks, and no other", () => {
    const invoke = own.filter(({ actions }) => actions.includes("lambda:InvokeFunction"));
    const called = [...new Set(tasks.map(({ name }) => calledBy(name)))];
    expect(
      invoke
        .flatMap(({ resources }) => resources)
        .map((resource) => JSON.stringify(resource))
        .sort(),
    ).toEqual(
      called.map((name) => JSON.stringify({ "Fn::GetAtt": [functionOf(template, name)[0], "Arn"] })).sort(),
    );
  });

  test("no policy that it waits for names it, or CloudFormation could not order them", () => {
    const policies = Object.fromEntries(resourcesOf(template, "AWS::IAM::Policy"));
    const waitsFor = machine.DependsOn?.filter((id) => id in policies) ?? [];
    expect(waitsFor).not.toEqual([]);
    for (const id of waitsFor) expect(JSON.stringify(policies[id])).not.toContain(`"${machineId}"`);
  });
});

describe("executions", () => {
  const [scanId] = stateMachineOf(template, "scan");
  const [remediationId] = stateMachineOf(template, "remediation");
  const heldBy = (holder: string, action: string) =>
    statements.filter(
      ({ roles, actions }) => roles.some((role) => holderOf(role) === holder) && actions.includes(action),
    );

  test("the scan may start and watch its own batches, and nothing else", () => {
    expect(heldBy("ScanRole", "states:StartExecution").map(({ resources }) => resources)).toEqual([
      [{ Ref: scanId }],
    ]);
    const [watches, ...others] = heldBy("ScanRole", "states:StopExecution");
    expect(others).toEqual([]);
    expect(watches?.actions).toEqual(["states:DescribeExecution", "states:StopExecution"]);
    expect(watches?.resources.map((resource) => JSON.stringify(resource)).sort()).toEqual([
      expect.stringMatching(/:execution:.*"\/\*"/),
      expect.stringMatching(/:execution:.*":\*"/),
    ]);
  });

  test("ProposeChanges may start remediations and ask for their status, and nothing else", () => {
    const [starts] = heldBy("ProposeChanges", "states:StartExecution");
    expect(starts).toMatchObject({ actions: ["states:StartExecution"], resources: [{ Ref: remediationId }] });
    const [asks] = heldBy("ProposeChanges", "states:DescribeExecution");
    expect(asks?.actions).toEqual(["states:DescribeExecution"]);
    expect(JSON.stringify(asks?.resources)).toMatch(
      new RegExp(`^\\[.*:execution:",\\{"Fn::GetAtt":\\["${remediationId}","Name"\\]\\},":\\*"[^"]*$`),
    );
  });
});

describe("logs of executions", () => {
  const logging = (workflow: "scan" | "remediation") =>
    stateMachineOf(template, workflow)[1].Properties.LoggingConfiguration;

  test("the scan's hold keys and counts", () => {
    expect(logging("scan").IncludeExecutionData).toBe(true);
  });

  test("the remediation's hold no data: the task token is among it, and it is a credential", () => {
    expect(logging("remediation").IncludeExecutionData).toBe(false);
  });
});
