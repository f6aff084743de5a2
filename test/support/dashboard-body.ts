// A dashboard as CloudWatch gets it: the template's references written as `<LogicalId>` or `<LogicalId.Attribute>`.
import type { Template } from "aws-cdk-lib/assertions";
import { resourcesOf } from "./synthesised-stack.ts";

export interface Widget {
  readonly type: "metric" | "log" | "text" | "alarm";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  // biome-ignore lint/suspicious/noExplicitAny: each type of widget has properties of its own, in JSON
  readonly properties: any;
}

interface Body {
  readonly start?: string;
  readonly widgets: readonly Widget[];
}

export function dashboardBody(template: Template): Body {
  const [[, dashboard] = ["", undefined], ...others] = resourcesOf(template, "AWS::CloudWatch::Dashboard");
  if (dashboard === undefined || others.length > 0) throw new Error("expected one dashboard");
  return JSON.parse(written(dashboard.Properties.DashboardBody));
}

/** Text that CloudFormation puts together. */
export function written(value: unknown): string {
  if (typeof value === "string") return value;
  const [[name, argument] = ["", undefined]] = Object.entries(value as object);
  if (name === "Ref") return `<${argument}>`;
  if (name === "Fn::GetAtt") return `<${argument.join(".")}>`;
  if (name === "Fn::Join") return argument[1].map(written).join(argument[0]);
  throw new Error(`expected a reference, got ${JSON.stringify(value)}`);
}

/** Namespace, name and dimensions of each metric that a widget shows. */
export function metricsOf({ properties }: Widget): string[] {
  const rows: readonly (readonly unknown[])[] = properties.metrics ?? [];
  return rows.map((row) => row.filter((part) => typeof part === "string").join(" "));
}

/** Names in a query that are neither its language's nor its own: the fields that it looks for. */
export function fieldsAskedFor(query: string): string[] {
  const text = query.replaceAll(/SOURCE '[^']*'|"[^"]*"/g, "");
  const aliases = new Set([...text.matchAll(/ as (\w+)/g)].map(([, alias]) => alias));
  const names = text.match(/@?[A-Za-z][\w.]*(?!\w*\()/g) ?? [];
  return [...new Set(names.filter((name) => !LANGUAGE.has(name) && !aliases.has(name)))];
}

const LANGUAGE = new Set([
  ...["fields", "filter", "stats", "sort", "limit", "as", "by", "in", "desc"],
  ...["max", "sum", "count", "bin", "h", "d"],
]);
