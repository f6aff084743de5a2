// Paths, payload templates and choice rules of the Amazon States Language, as far as our definitions use them.
// What is not known here is refused, and never skipped.

/** The context object: what `$$` is. */
export type Context = Readonly<Record<string, unknown>>;

/** One rule of a Choice, or a part of one. */
export type Rule = Readonly<Record<string, unknown>>;

/** The definition, or the test, asks for what is not there: no error of the execution. */
export class StepperError extends Error {
  override readonly name = "StepperError";
}

/** An error by the name that ErrorEquals matches. */
export class StateError extends Error {
  override readonly name: string;

  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/** Neither a Retry nor a Catch matches it. */
export const runtimeError = (cause: string) => new StateError("States.Runtime", cause);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** undefined = points to nothing. */
function find(path: string, input: unknown, context: Context): unknown {
  if (!/^\$\$?(\.\w+)*$/.test(path)) throw new StepperError(`path ${path}: expected fields by name only`);
  return path
    .split(".")
    .slice(1)
    .reduce<unknown>(
      (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      path.startsWith("$$") ? context : input,
    );
}

export function select(path: string, input: unknown, context: Context): unknown {
  const value = find(path, input, context);
  if (value === undefined) throw runtimeError(`${path} points to nothing`);
  return value;
}

const INTRINSICS: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  "States.MathAdd": (one, other) => {
    if (typeof one === "number" && typeof other === "number") return one + other;
    throw runtimeError("States.MathAdd: expected two numbers");
  },
  "States.ArrayLength": (array) => {
    if (Array.isArray(array)) return array.length;
    throw runtimeError("States.ArrayLength: expected an array");
  },
  "States.Format": (template, ...values) => {
    const [first = "", ...rest] = String(template).split("{}");
    if (rest.length !== values.length) throw runtimeError("States.Format: expected a value for each {}");
    return rest.reduce((text, part, index) => `${text}${values[index]}${part}`, first);
  },
};

function call(expression: string, input: unknown, context: Context): unknown {
  const [, name = "", args = ""] = /^(States\.\w+)\((.*)\)$/.exec(expression) ?? [];
  const intrinsic = INTRINSICS[name];
  if (intrinsic === undefined)
    throw new StepperError(`${expression}: expected a path or an intrinsic we know`);
  const values = (args.match(/'[^'\\]*'|[^,']+/g) ?? []).map((arg) => arg.trim()).filter((arg) => arg !== "");
  return intrinsic(
    ...values.map((arg) => {
      if (arg.startsWith("$")) return select(arg, input, context);
      if (arg.startsWith("'")) return arg.slice(1, -1);
      if (/^-?\d+$/.test(arg)) return Number(arg);
      throw new StepperError(`${expression}: expected paths, numbers and plain text, got ${arg}`);
    }),
  );
}

/** A payload template: fields that end in `.$` are worked out. */
export function fill(template: unknown, input: unknown, context: Context): unknown {
  if (Array.isArray(template)) return template.map((each) => fill(each, input, context));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => {
      if (!key.endsWith(".$")) return [key, fill(value, input, context)];
      const evaluate = String(value).startsWith("$") ? select : call;
      return [key.slice(0, -2), evaluate(String(value), input, context)];
    }),
  );
}

/** Puts a result into the input where a ResultPath says. */
export function place(input: unknown, path: string | null | undefined, result: unknown): unknown {
  if (path === null) return input;
  if (path === undefined || path === "$") return result;
  if (!/^\$(\.\w+)+$/.test(path)) throw new StepperError(`ResultPath ${path}: expected fields by name only`);
  const put = (target: unknown, [key = "", ...deeper]: readonly string[]): unknown => {
    if (!isObject(target)) throw new StateError("States.ResultPathMatchFailure", `${path} meets no object`);
    return { ...target, [key]: deeper.length === 0 ? result : put(target[key] ?? {}, deeper) };
  };
  return put(input, path.split(".").slice(1));
}

const COMPARISONS: Readonly<Record<string, (value: unknown, expected: unknown) => boolean>> = {
  StringEquals: (value, expected) => value === expected,
  BooleanEquals: (value, expected) => value === expected,
  NumericGreaterThan: (value, expected) =>
    typeof value === "number" && typeof expected === "number" && value > expected,
};

/** Whether a choice rule applies. */
export function holds(rule: Rule, input: unknown, context: Context): boolean {
  const known = new Set(["Variable", "Next", "Comment"]);
  const [test = "", ...more] = Object.keys(rule).filter((key) => !known.has(key));
  const expected = rule[test];
  const part = (each: unknown) => holds(each as Rule, input, context);
  if (more.length > 0) throw new StepperError(`choice rule: expected one test, got ${[test, ...more]}`);
  if (test === "And" && Array.isArray(expected)) return expected.every(part);
  if (test === "Or" && Array.isArray(expected)) return expected.some(part);
  if (test === "Not") return !part(expected);
  const variable = String(rule["Variable"]);
  if (test === "IsPresent") return (find(variable, input, context) !== undefined) === expected;
  const compare = COMPARISONS[test];
  if (compare === undefined) throw new StepperError(`choice rule: no test ${test} is known`);
  return compare(select(variable, input, context), expected);
}
