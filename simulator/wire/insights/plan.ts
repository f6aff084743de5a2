// A query as a plan: what to keep, in which order, how much, and what to show of it.
// The subset: fields, display, filter, sort, limit, stats count(…) by fields and bin(…), comments.
import { type Condition, readCondition } from "./conditions.ts";
import { Cursor } from "./cursor.ts";
import { QuerySyntaxError, splitCommands, type Token, tokenize } from "./lexer.ts";

export interface Shown {
  readonly field: string;
  readonly as: string;
}

export type Grouping =
  | { readonly kind: "field"; readonly field: string; readonly as: string }
  | { readonly kind: "bin"; readonly sizeMs: number; readonly as: string };

export interface Counting {
  /** One column per count: of all events, or of those that have the field. */
  readonly counts: readonly { readonly field: string | undefined; readonly as: string }[];
  readonly by: readonly Grouping[];
}

export interface QueryPlan {
  readonly conditions: readonly Condition[];
  readonly shown: readonly Shown[];
  readonly counting: Counting | undefined;
  readonly sort: { readonly field: string; readonly descending: boolean } | undefined;
  readonly limit: number | undefined;
}

export const MAX_LIMIT = 100_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** @throws QuerySyntaxError saying what was expected and what was there instead. */
export function planQuery(query: string): QueryPlan {
  const commands = splitCommands(tokenize(query));
  if (commands.length === 0) {
    throw new QuerySyntaxError("expected a command, got an empty query");
  }
  const conditions: Condition[] = [];
  let fields: Shown[] = [];
  let displayed: Shown[] | undefined;
  let counting: Counting | undefined;
  let sort: QueryPlan["sort"];
  let limit: number | undefined;
  for (const tokens of commands) {
    const cursor = new Cursor(tokens);
    const command = cursor.nextOf("name", "a command").toLowerCase();
    switch (command) {
      case "fields":
        fields = [...fields, ...cursor.list(() => readShown(cursor))];
        break;
      case "display":
        displayed = cursor.list(() => readShown(cursor));
        break;
      case "filter":
        if (counting !== undefined) {
          throw new QuerySyntaxError("filter after stats is not modelled by this simulated account");
        }
        conditions.push(readCondition(cursor));
        break;
      case "sort": {
        const field = cursor.nextOf("name", "a field");
        sort = { field, descending: cursor.take("asc", "desc") !== "asc" };
        break;
      }
      case "limit":
        limit = Number(cursor.nextOf("number", "a number"));
        if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
          throw new QuerySyntaxError(`expected a limit of 1 to ${MAX_LIMIT}, got ${limit}`);
        }
        break;
      case "stats":
        counting = readCounting(cursor, tokens);
        break;
      default:
        throw new QuerySyntaxError(`the command '${command}' is not known to this simulated account`);
    }
    cursor.end();
  }
  const shown = displayed ?? (fields.length > 0 ? fields : ["@timestamp", "@message"].map(plain));
  return { conditions, shown, counting, sort, limit };
}

function plain(field: string): Shown {
  return { field, as: field };
}

function readAlias(cursor: Cursor): string | undefined {
  return cursor.take("as") === undefined ? undefined : cursor.nextOf("name", "a name after as");
}

function readShown(cursor: Cursor): Shown {
  const field = cursor.nextOf("name", "a field");
  return { field, as: readAlias(cursor) ?? field };
}

function readCounting(cursor: Cursor, tokens: readonly Token[]): Counting {
  if (tokens[1]?.value.toLowerCase() !== "count") {
    throw new QuerySyntaxError("only stats count(…) is modelled by this simulated account");
  }
  const counts = cursor.list(() => {
    cursor.expect("count");
    cursor.expect("(");
    const field = cursor.take("*") === undefined ? cursor.nextOf("name", "* or a field") : undefined;
    cursor.expect(")");
    return { field, as: readAlias(cursor) ?? `count(${field ?? "*"})` };
  });
  const by = cursor.take("by") === undefined ? [] : cursor.list(() => readGrouping(cursor));
  return { counts, by };
}

function readGrouping(cursor: Cursor): Grouping {
  if (cursor.take("bin") !== undefined) {
    cursor.expect("(");
    const size = cursor.nextOf("duration", "a duration such as 5m");
    cursor.expect(")");
    const unit = size.replace(/^\d+/, "");
    const sizeMs = Number.parseInt(size, 10) * (UNIT_MS[unit] ?? Number.NaN);
    if (!(sizeMs > 0)) {
      throw new QuerySyntaxError(`expected a duration above zero, got ${size}`);
    }
    return { kind: "bin", sizeMs, as: readAlias(cursor) ?? `bin(${size})` };
  }
  const { field, as } = readShown(cursor);
  return { kind: "field", field, as };
}
