// Each function's policy against the calls that it really made: nothing missing, nothing unused.
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import { permissionOn } from "../support/recorded-calls.ts";
import { type RecordedStory, recordStory } from "../support/recorded-story.ts";
import {
  functionNames,
  holderOf,
  identityStatements,
  synthesise,
  withoutHash,
} from "../support/synthesised-stack.ts";

/** What Lambda does with the role of a function, so that its SDK does not show it. */
const OF_LAMBDA: Readonly<Record<string, string>> = {
  "logs:CreateLogStream": "a log stream for each instance",
  "logs:PutLogEvents": "what the function prints, its metrics among it",
  "xray:PutTelemetryRecords": "traces, through a daemon beside the function",
  "xray:PutTraceSegments": "traces, through a daemon beside the function",
};

/** Short, so that little has to be simulated. */
const SHORT = { schedule: "rate(1 hour)", lookbackMinutes: 60, observationMinutes: 15 };
const templates = {
  observing: synthesise({ ...SHORT, mode: "observe" }),
  /** It applies where a queue's tag says so too, and asks elsewhere: both ways in one stack. */
  changing: synthesise({ ...SHORT, mode: "auto", sampling: true }),
};

const actionsOf = (name: string, template: Template) =>
  identityStatements(template).filter(({ roles }) => roles.some((id) => holderOf(id) === name));

/** As recorded calls are written, without what is Lambda's own. */
function allowed(name: string, template: Template): Set<string> {
  return new Set(
    actionsOf(name, template).flatMap(({ actions, resources }) =>
      actions
        .filter((action) => !(action in OF_LAMBDA))
        .flatMap((action) => resources.map((resource) => permission(action, resource))),
    ),
  );
}

/** A reference is to one resource of the stack, an ARN to any of the account's. */
function permission(action: string, resource: unknown): string {
  const { Ref, "Fn::GetAtt": attribute } = resource as { Ref?: string; "Fn::GetAtt"?: [string, string] };
  const id = Ref ?? attribute?.[0];
  return id === undefined ? action : permissionOn(action, withoutHash(id));
}

const without = (all: ReadonlySet<string>, those: ReadonlySet<string>) =>
  [...all].filter((one) => !those.has(one)).sort();

let story: RecordedStory;
beforeAll(async () => {
  story = await recordStory(templates);
  // Simulating hours of an account takes its time on a busy machine.
}, 300_000);

describe.each(["observing", "changing"] as const)("a stack that is %s", (mode) => {
  const template = templates[mode];

  test.each(functionNames(template))("%s may do what it did, and nothing else", (name) => {
    const made = story[mode].get(name) ?? new Set();
    const may = allowed(name, template);
    expect({ missing: without(made, may), unused: without(may, made) }).toEqual({ missing: [], unused: [] });
  });

  test("every function keeps its log and its traces by its role, and that is all that no call shows", () => {
    for (const name of functionNames(template)) {
      const held = new Set(actionsOf(name, template).flatMap(({ actions }) => actions));
      expect([...held]).toEqual(expect.arrayContaining(Object.keys(OF_LAMBDA)));
    }
  });
});
