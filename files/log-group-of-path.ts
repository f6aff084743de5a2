// The log group that a file was saved from, where its path tells: people keep the group's name, or the function's.
import type { KnownSettings } from "../core/analyze/known-settings.ts";

const LAMBDA_GROUP = /(?:^|[/\\])(aws[/\\]lambda[/\\][\w-]+)(?=[/\\.])/;

/** `…/aws/lambda/orders/…` is `/aws/lambda/orders`; `…/orders.json` too, if the settings know a function of that name. */
export function logGroupOfPath(path: string, { functions }: Pick<KnownSettings, "functions">): string | null {
  const group = LAMBDA_GROUP.exec(path)?.[1];
  if (group !== undefined) return `/${group.replaceAll("\\", "/")}`;
  const parts = new Set(path.split(/[/\\]/).map((part) => part.replace(/\.[\w.]*$/, "")));
  const named = [...functions.values()].filter(({ name }) => parts.has(name));
  const [first] = named;
  return first !== undefined && named.length === 1 ? first.logGroup : null;
}
