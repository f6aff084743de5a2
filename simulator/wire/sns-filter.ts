// Filter policies of subscriptions, as far as modelled: message attributes against lists of exact texts.
import * as z from "zod";
import { invalidParameter } from "./sns-errors.ts";

/** A message passes when, for each name, one of its values is in the list. */
export type FilterPolicy = Readonly<Record<string, readonly string[]>>;

export const MessageAttributes = z.record(
  z.string(),
  z.object({ DataType: z.string(), StringValue: z.string().optional() }),
);
export type MessageAttributes = z.infer<typeof MessageAttributes>;

/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_NAMES = 5;

const Policy = z
  .record(z.string(), z.array(z.string()).min(1))
  .refine((policy) => Object.keys(policy).length <= MAX_NAMES);

/**
 * @param text JSON; "{}" takes a filter away.
 * @throws SimulatedAwsError for what AWS would refuse too, and for the operators that are not modelled.
 */
export function parseFilterPolicy(text: string): FilterPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidParameter("FilterPolicy: failed to parse JSON");
  }
  const policy = Policy.safeParse(json);
  if (policy.success) {
    return policy.data;
  }
  const expected = `expected at most ${MAX_NAMES} names, each with a list of texts (all that is simulated)`;
  throw invalidParameter(`FilterPolicy: ${expected}`);
}

export function passes(policy: FilterPolicy, attributes: MessageAttributes): boolean {
  return Object.entries(policy).every(([name, accepted]) =>
    valuesOf(attributes, name).some((value) => accepted.includes(value)),
  );
}

/** None where the message lacks the attribute, so that nothing can match. */
function valuesOf(attributes: MessageAttributes, name: string): readonly string[] {
  const { DataType, StringValue = "" } = (Object.hasOwn(attributes, name) && attributes[name]) || {};
  switch (DataType) {
    case "String":
      return [StringValue];
    case "String.Array":
      return textsOf(StringValue);
    default:
      return [];
  }
}

function textsOf(json: string): readonly string[] {
  try {
    const values: unknown = JSON.parse(json);
    return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
  } catch {
    return [];
  }
}
