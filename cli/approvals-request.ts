// What `doubletake approvals` was asked to do.
import { ConfigError } from "../core/errors.ts";
import type { Io } from "./io.ts";
import { suggestion } from "./nearest.ts";
import { type OptionTable, type OptionValues, parseArguments } from "./options.ts";
import { parseChoice, parseUrl } from "./values.ts";

const VERBS = ["list", "show", "approve", "reject", "pause", "resume"] as const;
type Verb = (typeof VERBS)[number];

/** How verbs and change are written in the help. */
export const APPROVALS_OPERANDS = `${VERBS.join("|")} [CHANGE]`;
const FUNCTION_VARIABLE = "DOUBLETAKE_APPROVALS_FUNCTION";
/** What Lambda takes as a name or an ARN, with or without alias or version. */
const FUNCTION_NAME = /^[A-Za-z0-9_:$-]{1,170}$/;
const SHORTEST_BEGINNING = 6;

/** `change`: a whole id or its beginning, as typed. */
export type ApprovalsTask =
  | { readonly verb: "list"; readonly all: boolean }
  | { readonly verb: "show"; readonly change: string }
  | { readonly verb: "approve"; readonly change: string; readonly yes: boolean }
  | { readonly verb: "reject"; readonly change: string; readonly reason: string }
  | { readonly verb: "pause" | "resume" };

export interface ApprovalsRequest {
  readonly task: ApprovalsTask;
  readonly format: "table" | "json";
  readonly functionName: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
}

export const APPROVALS_OPTIONS = {
  function: {
    type: "string",
    value: "NAME",
    help: `The approvals function: stack output ApprovalsFunctionName. Default: ${FUNCTION_VARIABLE}.`,
  },
  region: { type: "string", value: "NAME", help: "AWS Region; default: as the AWS CLI finds it." },
  profile: { type: "string", value: "NAME", help: "Profile of the AWS configuration files." },
  "endpoint-url": {
    type: "string",
    value: "URL",
    help: "Where all AWS services are, e.g. a simulated account.",
  },
  reason: { type: "string", value: "TEXT", help: "Why not: needed to reject, told to everybody." },
  yes: { type: "boolean", help: "Approve without being asked for the name of the queue." },
  all: { type: "boolean", help: "List more than the open ones and the latest 20: the latest 500." },
  format: { type: "string", value: "FORMAT", help: "table or json. Default: table." },
} as const satisfies OptionTable;

type Values = OptionValues<typeof APPROVALS_OPTIONS>;

/** Options that one verb alone has a use for. */
const OWN_OPTIONS = { reason: "reject", yes: "approve", all: "list" } as const satisfies Partial<
  Record<keyof typeof APPROVALS_OPTIONS, Verb>
>;

/** @throws ConfigError */
export function parseApprovalsRequest(args: readonly string[], io: Pick<Io, "env">): ApprovalsRequest {
  const { values, operands } = parseArguments("approvals", APPROVALS_OPTIONS, args);
  const task = parseTask(operands, values);
  const endpointUrl = values["endpoint-url"];
  return {
    task,
    format: parseChoice("format", values.format ?? "table", ["table", "json"]),
    functionName: parseFunction(values.function, io),
    ...(values.region === undefined ? {} : { region: values.region }),
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    ...(endpointUrl === undefined ? {} : { endpointUrl: parseUrl("endpoint-url", endpointUrl) }),
  };
}

function parseTask([first, ...operands]: readonly string[], values: Values): ApprovalsTask {
  const verb = VERBS.find((each) => each === first);
  if (verb === undefined) {
    const got = first === undefined ? "nothing" : `"${first}"${suggestion(first, VERBS)}`;
    throw new ConfigError(`"approvals" expects one of ${VERBS.join(", ")}, got ${got}`);
  }
  for (const [option, owner] of Object.entries(OWN_OPTIONS)) {
    if (values[option as keyof typeof OWN_OPTIONS] !== undefined && owner !== verb) {
      throw new ConfigError(`--${option} goes with "approvals ${owner}", not with "approvals ${verb}"`);
    }
  }
  switch (verb) {
    case "list":
      refuseOperands(verb, operands);
      return { verb, all: values.all ?? false };
    case "pause":
    case "resume":
      refuseOperands(verb, operands);
      return { verb };
    case "show":
      return { verb, change: parseChange(verb, operands) };
    case "approve":
      return { verb, change: parseChange(verb, operands), yes: values.yes ?? false };
    case "reject":
      return { verb, change: parseChange(verb, operands), reason: parseReason(values.reason) };
  }
}

function refuseOperands(verb: Verb, [first]: readonly string[]): void {
  if (first !== undefined) throw new ConfigError(`"approvals ${verb}" takes options only, got "${first}"`);
}

function parseChange(verb: Verb, [change, ...more]: readonly string[]): string {
  if (change === undefined || more.length > 0) {
    const got = change === undefined ? "none" : [change, ...more].map((each) => `"${each}"`).join(", ");
    throw new ConfigError(`"approvals ${verb}" expects one change, got ${got}`);
  }
  if (change.length < SHORTEST_BEGINNING) {
    throw new ConfigError(
      `"approvals ${verb}" expects the id of a change, or at least its first ${SHORTEST_BEGINNING} characters, got "${change}"`,
    );
  }
  return change;
}

function parseReason(reason: string | undefined): string {
  if (reason === undefined || reason.trim() === "") {
    throw new ConfigError('"approvals reject" needs a reason: --reason TEXT');
  }
  return reason.trim();
}

function parseFunction(option: string | undefined, { env }: Pick<Io, "env">): string {
  const name = option ?? env[FUNCTION_VARIABLE] ?? "";
  if (name === "") {
    throw new ConfigError(
      `no approvals function is named: give --function NAME or set ${FUNCTION_VARIABLE}; the name is the stack output ApprovalsFunctionName, and in each approval mail`,
    );
  }
  if (!FUNCTION_NAME.test(name)) {
    const source = option === undefined ? FUNCTION_VARIABLE : "--function";
    throw new ConfigError(`${source}: expected the name or ARN of a function, got "${name}"`);
  }
  return name;
}
