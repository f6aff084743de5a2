// The conditions of `filter`: comparisons, like, in, and/or/not, parentheses, ispresent().
import type { Cursor } from "./cursor.ts";
import type { Row } from "./row.ts";

export type Condition = (row: Row) => boolean;

/** `or` binds weaker than `and`, `and` weaker than `not`. */
export function readCondition(cursor: Cursor): Condition {
  const branches = [readAnd(cursor)];
  while (cursor.take("or") !== undefined) {
    branches.push(readAnd(cursor));
  }
  return branches.length === 1 ? (branches[0] ?? never) : (row) => branches.some((branch) => branch(row));
}

function never(): boolean {
  return false;
}

function readAnd(cursor: Cursor): Condition {
  const parts = [readNot(cursor)];
  while (cursor.take("and") !== undefined) {
    parts.push(readNot(cursor));
  }
  return parts.length === 1 ? (parts[0] ?? never) : (row) => parts.every((part) => part(row));
}

function readNot(cursor: Cursor): Condition {
  if (cursor.take("not") !== undefined) {
    const negated = readNot(cursor);
    return (row) => !negated(row);
  }
  if (cursor.take("(") !== undefined) {
    const inner = readCondition(cursor);
    cursor.expect(")");
    return inner;
  }
  if (cursor.take("ispresent") !== undefined) {
    cursor.expect("(");
    const field = cursor.nextOf("name", "a field");
    cursor.expect(")");
    return (row) => row.get(field) !== undefined;
  }
  return readComparison(cursor);
}

function readComparison(cursor: Cursor): Condition {
  const field = cursor.nextOf("name", "a field");
  const negated = cursor.take("not") !== undefined;
  const operator = cursor.take("like", "=~", "in", ...(negated ? [] : ["=", "!=", "<", "<=", ">", ">="]));
  switch (operator) {
    case "like":
    case "=~": {
      const pattern = cursor.next("a text or a regular expression");
      if (pattern.kind !== "regex" && pattern.kind !== "text") {
        throw cursor.unexpected("a text or a regular expression after like");
      }
      const matches =
        pattern.kind === "regex"
          ? (value: string) => pattern.pattern.test(value)
          : (value: string) => value.includes(pattern.value);
      return (row) => matches(row.get(field) ?? "") !== negated;
    }
    case "in": {
      cursor.expect("[");
      const values = new Set(cursor.list(() => readLiteral(cursor)));
      cursor.expect("]");
      return (row) => values.has(row.get(field) ?? "") !== negated;
    }
    case undefined:
      throw cursor.unexpected("like, in or a comparison");
    default:
      return compare(field, operator, readLiteral(cursor));
  }
}

function readLiteral(cursor: Cursor): string {
  const token = cursor.next("a text or a number");
  if (token.kind !== "text" && token.kind !== "number") {
    throw cursor.unexpected(`a text or a number instead of '${token.value}'`);
  }
  return token.value;
}

/** Compares as numbers where both are numbers; a missing field equals nothing. */
function compare(field: string, operator: string, literal: string): Condition {
  const number = literal.trim() === "" ? Number.NaN : Number(literal);
  return (row) => {
    const value = row.get(field);
    if (value === undefined) {
      return operator === "!=";
    }
    const difference = Number(value) - number;
    const order = Number.isNaN(difference) ? (value === literal ? 0 : value < literal ? -1 : 1) : difference;
    switch (operator) {
      case "=":
        return order === 0;
      case "!=":
        return order !== 0;
      case "<":
        return order < 0;
      case "<=":
        return order <= 0;
      case ">":
        return order > 0;
      default:
        return order >= 0;
    }
  };
}
