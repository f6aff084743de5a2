// `--fault` of `doubletake simulate`: what shall go wrong, as one word of text.
import { ConfigError } from "../core/errors.ts";
import type { Fault } from "../simulator/faults.ts";
import { suggestion } from "./nearest.ts";

interface FaultForm {
  readonly form: string;
  readonly parse: (argument: string) => Fault | undefined;
}

const OPERATION = /^[a-z]+:(\*|[A-Z]\w+)$/;

/** "before@after" in its two parts; `after` is undefined without "@". */
function split(text: string): readonly [string, string | undefined] {
  const at = text.indexOf("@");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

const FORMS: Readonly<Record<Fault["kind"], FaultForm>> = {
  throttle: {
    form: "throttle:sqs:GetQueueAttributes[@NAME]",
    parse: (argument) => {
      const [operation, resource] = split(argument);
      if (!OPERATION.test(operation)) return undefined;
      return { kind: "throttle", operation, ...(resource === undefined ? {} : { resource }) };
    },
  },
  "access-denied": {
    form: "access-denied:NAME",
    parse: (resource) => ({ kind: "access-denied", resource }),
  },
  "partial-data": { form: "partial-data:NAME", parse: (resource) => ({ kind: "partial-data", resource }) },
  "metrics-forbidden": {
    form: "metrics-forbidden:NAME",
    parse: (resource) => ({ kind: "metrics-forbidden", resource }),
  },
  "query-fails": { form: "query-fails:LOG-GROUP", parse: (logGroup) => ({ kind: "query-fails", logGroup }) },
  "query-hangs": { form: "query-hangs:LOG-GROUP", parse: (logGroup) => ({ kind: "query-hangs", logGroup }) },
  "queue-deleted": {
    form: "queue-deleted:QUEUE@sqs:GetQueueAttributes",
    parse: (argument) => {
      const [queueName, afterOperation] = split(argument);
      if (afterOperation === undefined || !OPERATION.test(afterOperation)) return undefined;
      return { kind: "queue-deleted", queueName, afterOperation };
    },
  },
};

export const FAULT_FORMS: readonly string[] = Object.values(FORMS).map(({ form }) => form);

/** @throws ConfigError that shows the form expected. */
export function parseFault(text: string): Fault {
  const colon = text.indexOf(":");
  const kind = colon < 0 ? text : text.slice(0, colon);
  const known = Object.entries(FORMS).find(([name]) => name === kind)?.[1];
  if (known === undefined) {
    const hint = suggestion(kind, Object.keys(FORMS)) || `; the kinds are ${Object.keys(FORMS).join(", ")}`;
    throw new ConfigError(`--fault: unknown kind "${kind}"${hint}`);
  }
  const argument = colon < 0 ? "" : text.slice(colon + 1);
  const fault = argument === "" ? undefined : known.parse(argument);
  if (fault === undefined) throw new ConfigError(`--fault: expected ${known.form}, got "${text}"`);
  return fault;
}
