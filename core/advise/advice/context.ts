// What every piece of advice is written from: the real names and values of one path.
import { activeConsumers } from "../../detect/consumers.ts";
import type { Consumer, DeliveryPath, QueueSettings } from "../../model/delivery-path.ts";
import type { PathMeasurement } from "../../model/measurement.ts";
import type { Target } from "../target-timeout.ts";

export interface AdviceContext {
  readonly path: DeliveryPath;
  /** undefined where the queue's settings are not known: advice then names no numbers. */
  readonly settings: QueueSettings | undefined;
  /** The raise that the policy asks for; undefined where the timeout is long enough, or may not be raised. */
  readonly target: Target | undefined;
  /** By function ARN, where throttles made it worth asking; absent = none is known. */
  readonly reservedConcurrency?: PathMeasurement["reservedConcurrency"];
}

/** Names for infrastructure code: the owner's logical id where a tag tells it, otherwise made from the name. */
export interface ResourceNames {
  /** CloudFormation logical id and CDK construct id. */
  readonly logicalId: string;
  /** Terraform resource name. */
  readonly terraform: string;
}

export function queueNames(context: AdviceContext): ResourceNames {
  const words = wordsOf(context.path.queueName.replace(/\.fifo$/, ""));
  return {
    logicalId: context.settings?.owner?.logicalId ?? pascalCase(words).replace(/(Queue)?$/, "Queue"),
    terraform: snakeCase(words),
  };
}

/** Also without settings: AWS lets FIFO queues, and only them, have names that end in .fifo. */
export const isFifo = ({ path, settings }: AdviceContext): boolean =>
  settings?.fifo ?? path.queueName.endsWith(".fifo");

/** The mapping that advice shows: the first that polls, otherwise the first. */
export const shownConsumer = (context: AdviceContext): Consumer | undefined =>
  activeConsumers(context.path)[0] ?? context.path.consumers[0];

/** Name of a consumer's function, from its ARN where the function could not be read. */
export function functionName(consumer: Consumer): string {
  return consumer.function?.name ?? consumer.mapping.functionArn.split(":")[6] ?? "consumer";
}

export const pascalCase = (words: readonly string[]): string =>
  words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("");

/** Identifiers must not begin with a digit. */
export function camelCase(words: readonly string[]): string {
  const name = pascalCase(words);
  return `${name[0]?.toLowerCase() ?? ""}${name.slice(1)}`.replace(/^(?=\d)/, "_");
}

/** Terraform names must not begin with a digit. */
export const snakeCase = (words: readonly string[]): string =>
  words
    .join("_")
    .toLowerCase()
    .replace(/^(?=\d)/, "_");

export const wordsOf = (name: string): string[] => name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");

/** Each line moved to the right. */
export const indent = (spaces: number, all: readonly string[]): string[] =>
  all.map((line) => `${" ".repeat(spaces)}${line}`);

/** Joins lines; the snippets below are arrays so that their indentation can be seen. */
export const lines = (...all: readonly string[]): string => all.join("\n");

const SETTING = /^( *)(\w+) += (.*[^{(])$/;

/** Equals signs of neighbouring settings under each other, as `terraform fmt` wants them. */
export function alignTerraform(all: readonly string[]): string[] {
  const fits = (line: string | undefined, indent: string | undefined) =>
    SETTING.exec(line ?? "")?.[1] === indent;
  return all.map((line, index) => {
    const [, indent, key, value] = SETTING.exec(line) ?? [];
    if (indent === undefined || key === undefined) return line;
    let [first, end] = [index, index + 1];
    while (first > 0 && fits(all[first - 1], indent)) first--;
    while (fits(all[end], indent)) end++;
    const widths = all.slice(first, end).map((one) => SETTING.exec(one)?.[2]?.length ?? 0);
    return `${indent}${key.padEnd(Math.max(...widths))} = ${value}`;
  });
}
