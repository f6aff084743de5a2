// Who may invoke a function, out of its resource policy: of that only the services whose events come asynchronously.
import * as z from "zod";
import type { EventSource } from "../core/model/async-path.ts";

const SERVICES: Readonly<Record<string, EventSource["kind"]>> = {
  "sns.amazonaws.com": "sns",
  "s3.amazonaws.com": "s3",
  "events.amazonaws.com": "eventbridge",
};

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const Statement = z.object({
  Effect: z.string(),
  Principal: z.unknown(),
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
});
const Policy = z.object({ Statement: z.union([Statement.array(), Statement.transform((one) => [one])]) });
const ServicePrincipal = z.object({ Service: oneOrMore });

/**
 * Each source once, in the order of the policy. A policy that cannot be parsed names none.
 * @param policy JSON text; absent where the function has none.
 */
export function eventSourcesOf(policy: string | undefined): EventSource[] {
  const sources = statementsOf(policy).flatMap((statement): EventSource[] => {
    if (statement.Effect !== "Allow") return [];
    const principal = ServicePrincipal.safeParse(statement.Principal);
    const kinds = (principal.data?.Service ?? []).flatMap((service) => SERVICES[service] ?? []);
    const arns = sourceArns(statement);
    return kinds.flatMap((kind) => (arns.length === 0 ? [{ kind }] : arns.map((arn) => ({ kind, arn }))));
  });
  return [...new Map(sources.map((source) => [`${source.kind} ${source.arn ?? ""}`, source])).values()];
}

function statementsOf(policy: string | undefined): z.infer<typeof Statement>[] {
  if (policy === undefined) return [];
  try {
    return Policy.safeParse(JSON.parse(policy)).data?.Statement ?? [];
  } catch {
    return [];
  }
}

/** Condition keys are written in any case: AWS:SourceArn, aws:SourceArn. */
function sourceArns({ Condition = {} }: z.infer<typeof Statement>): string[] {
  return Object.values(Condition).flatMap((keys) =>
    Object.entries(keys).flatMap(([key, values]) => (key.toLowerCase() === "aws:sourcearn" ? values : [])),
  );
}
