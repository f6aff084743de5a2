// A simulated account for any AWS client, until Ctrl-C.
import { ConfigError } from "../core/errors.ts";
import { plural } from "../report/text/format.ts";
import type { Command } from "./command.ts";
import { FAULT_FORMS, parseFault } from "./fault-option.ts";
import { interruption } from "./interrupt.ts";
import { EXIT } from "./io.ts";
import { suggestion } from "./nearest.ts";
import { type OptionTable, type OptionValues, parseOptions } from "./options.ts";
import { parseInteger } from "./values.ts";

const DEFAULT_PORT = 4599;
/** More than the default look-back and the history that the ratio's baseline needs. */
const DEFAULT_HOURS = 24;
const MAX_HOURS = 7 * 24;
const REGION = "us-east-1";

const OPTIONS = {
  port: {
    type: "string",
    value: "N",
    help: `Port on the loopback interface; 0 = any free one. Default: ${DEFAULT_PORT}.`,
  },
  seed: { type: "string", value: "N", help: "Another seed is another account. Default: 1." },
  scenario: {
    type: "string",
    value: "NAME",
    multiple: true,
    help: "Only these (see --list). May be repeated, the same name too. Default: all, once each.",
  },
  hours: { type: "string", value: "N", help: `History simulated before now. Default: ${DEFAULT_HOURS}.` },
  fault: {
    type: "string",
    value: "KIND:WHAT",
    multiple: true,
    help: `What shall go wrong: ${FAULT_FORMS.join(", ")}. May be repeated.`,
  },
  list: { type: "boolean", help: "Only list the scenarios." },
} as const satisfies OptionTable;

export const simulate: Command = {
  name: "simulate",
  summary: "serve a simulated AWS account on a loopback port, for any AWS client",
  options: OPTIONS,
  notes: [
    [
      "The account speaks AWS's wire protocols and goes on living while it is served.",
      "Any credentials do, and nothing leaves this computer.",
    ].join("\n"),
    "Example:\n  doubletake simulate --port 4599 --scenario visibility-expired --scenario healthy",
  ],
  async run(args, io) {
    const values = parseOptions("simulate", OPTIONS, args);
    const engine = await import("../simulator/create-account.ts");
    if (values.list === true) {
      io.stdout(scenarioList(engine.scenarioDescriptions()));
      return EXIT.ok;
    }
    const request = readRequest(values, engine.scenarioNames());
    const { startServer } = await import("../simulator/server.ts");
    io.stderr(`Simulating ${plural(request.hours, "hour")} …\n`);
    const { account } = engine.createAccount({ ...request, region: REGION, endMs: io.nowMs() });
    const catchUp = () => {
      const nowMs = io.nowMs();
      // Lazily: the account lives on only when somebody looks.
      if (nowMs > account.nowMs()) account.advanceTo(nowMs);
    };
    const server = await startServer({ ...request, account, onRequest: catchUp }).catch((error: unknown) => {
      throw portProblem(error, request.port);
    });
    const ended = interruption(io);
    io.stdout(instructions(server.url, account.queues().length));
    await ended;
    await server.close();
    io.stderr("Stopped.\n");
    return EXIT.ok;
  },
};

interface SimulateRequest {
  readonly port: number;
  readonly seed: number;
  readonly hours: number;
  readonly scenarios?: readonly string[];
  readonly faults: ReturnType<typeof parseFault>[];
}

function readRequest(values: OptionValues<typeof OPTIONS>, known: readonly string[]): SimulateRequest {
  for (const name of values.scenario ?? []) {
    if (!known.includes(name)) {
      throw new ConfigError(
        `--scenario: unknown scenario "${name}"${suggestion(name, known) || "; --list shows all"}`,
      );
    }
  }
  return {
    port: parseInteger("port", values.port ?? String(DEFAULT_PORT), 0, 65_535),
    seed: parseInteger("seed", values.seed ?? "1", 0, 2 ** 31 - 1),
    hours: parseInteger("hours", values.hours ?? String(DEFAULT_HOURS), 1, MAX_HOURS),
    ...(values.scenario === undefined ? {} : { scenarios: values.scenario }),
    faults: (values.fault ?? []).map(parseFault),
  };
}

function scenarioList(descriptions: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(descriptions).map((name) => name.length));
  return Object.entries(descriptions)
    .map(([name, description]) => `${name.padEnd(width)}  ${description}\n`)
    .join("");
}

/** Lines that can be pasted into a shell as they are: what is no command is a comment. */
function instructions(url: string, queues: number): string {
  return `# A simulated AWS account with ${plural(queues, "queue")} is at ${url}. Ctrl-C ends it.
# In another terminal:
export AWS_ENDPOINT_URL=${url}
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
export AWS_REGION=${REGION} AWS_DEFAULT_REGION=${REGION}
unset AWS_PROFILE AWS_SESSION_TOKEN

# For example:
aws sqs list-queues
npm run --silent doubletake -- scan
`;
}

function portProblem(error: unknown, port: number): unknown {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new ConfigError(`--port: ${port} is in use; name another one, or 0 for any free one`, {
      cause: error,
    });
  }
  if (code === "EACCES") {
    return new ConfigError(`--port: ${port} is not allowed; name one above 1023`, { cause: error });
  }
  return error;
}
