// Between the SDK and the simulated account: every attempt of a call is counted, refused where it is above its quota, and
// answered when AWS would have answered.

import type { STSClient } from "@aws-sdk/client-sts";
import { callName } from "../../aws/call-counter.ts";
import { type Connection, type ConnectionOptions, connect } from "../../aws/connection.ts";
import { latencyMs, queryMs, REFUSAL_MS } from "./latencies.ts";
import { type Call, Quotas } from "./quotas.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface NetworkUse {
  /** Attempts by "service:Operation", refused ones too. */
  readonly calls: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  /** The most in any second, by "service:Operation". */
  readonly mostInASecond: Readonly<Record<string, number>>;
  /** Of GetMetricData. */
  readonly metrics: number;
  readonly logBytes: number;
  /** DynamoDB's own count of what it charges. */
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** All that is looked at in inputs and outputs. */
interface Shapes {
  readonly queryId?: string;
  readonly status?: string;
  readonly results?: readonly unknown[];
  readonly statistics?: { readonly bytesScanned?: number };
  readonly StartTime?: Date;
  readonly EndTime?: Date;
  readonly NextToken?: string;
  readonly MetricDataQueries?: readonly { readonly MetricStat?: { readonly Period?: number } }[];
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
}
/** One that runs, as far as anybody was told. */
interface LogQuery {
  readonly startedMs: number;
  bytes: number;
}
interface Capacity {
  readonly CapacityUnits?: number;
}

/** What one answer of GetMetricData holds at most; the rest is on further pages, each a call. */
const POINTS_A_PAGE = 100_800;
/** The simulated queries take one step each time they are asked. */
const STEPS_OF_A_QUERY = 4;

const RUNNING = {
  response: {},
  output: { status: "Running", results: [], $metadata: { httpStatusCode: 200 } },
};

export class Network {
  readonly #clock: VirtualClock;
  /** When the scan was meant to run. */
  readonly #atMs: number;
  readonly #quotas = new Quotas();
  readonly #calls = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  readonly #seconds = new Map<string, Map<number, number>>();
  readonly #queries = new Map<string, LogQuery>();
  #metrics = 0;
  #logBytes = 0;
  #readUnits = 0;
  #writeUnits = 0;

  constructor(clock: VirtualClock, atMs: number) {
    this.#clock = clock;
    this.#atMs = atMs;
  }

  connect(options: ConnectionOptions): Connection {
    const connection = connect(options);
    return {
      calls: connection.calls,
      client: (clientClass, more) => {
        const client = connection.client(clientClass, more);
        this.#watch(client);
        return client;
      },
    };
  }

  use(): NetworkUse {
    return {
      calls: Object.fromEntries(this.#calls),
      refused: Object.fromEntries(this.#refused),
      mostInASecond: Object.fromEntries(
        [...this.#seconds].map(([name, seconds]) => [name, Math.max(...seconds.values())]),
      ),
      metrics: this.#metrics,
      logBytes: this.#logBytes,
      readUnits: this.#readUnits,
      writeUnits: this.#writeUnits,
    };
  }

  /** Every client's stack is alike; the smallest client lends its type. */
  #watch(client: { readonly middlewareStack: unknown }): void {
    const stack = client.middlewareStack as STSClient["middlewareStack"];
    stack.add(
      (next, context) => (args) => {
        const isLedger = context.clientName === "DynamoDBClient";
        return next(isLedger ? { ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } } : args);
      },
      { name: "askForCapacity", step: "initialize", priority: "high" },
    );
    stack.add(
      (next, context) => async (args) => {
        const call = this.#describe(callName(context), args.input as Shapes);
        // Whoever has computed is ahead of the others: what they ask before comes first, for they share the account.
        await this.#clock.until(this.#clock.now());
        await this.#admit(call);
        const sentMs = this.#clock.now();
        const early = this.#stillRuns(call, args.input as Shapes, sentMs);
        if (early !== undefined) {
          await this.#clock.until(sentMs + latencyMs(call.name));
          return early as Awaited<ReturnType<typeof next>>;
        }
        const answer = await this.#clock.request(this.#answer(call, () => next(args)));
        const output = answer.output as Shapes;
        const unfinished = this.#takesLonger(call, args.input as Shapes, output, sentMs);
        if (unfinished !== undefined) {
          await this.#clock.until(sentMs + latencyMs(call.name));
          return unfinished as Awaited<ReturnType<typeof next>>;
        }
        this.#note(call, args.input as Shapes, output, sentMs);
        await this.#clock.until(
          sentMs + latencyMs(call.name, { points: call.points, rows: output.results?.length ?? 0 }),
        );
        return answer;
      },
      // The end of this step lies inside the retry middleware: it runs once an attempt.
      { name: "simulateNetwork", step: "finalizeRequest", priority: "low" },
    );
  }

  #describe(name: string, input: Shapes): Call {
    if (name !== "cloudwatch:GetMetricData") return { name, points: 0, reachMs: 0 };
    const startMs = input.StartTime?.getTime() ?? 0;
    const lengthSeconds = ((input.EndTime?.getTime() ?? 0) - startMs) / 1000;
    const points = (input.MetricDataQueries ?? []).reduce(
      (sum, { MetricStat }) => sum + Math.ceil(lengthSeconds / (MetricStat?.Period ?? 60)),
      0,
    );
    return { name, points: Math.min(points, POINTS_A_PAGE), reachMs: this.#atMs - startMs };
  }

  async #admit(call: Call): Promise<void> {
    const nowMs = this.#clock.now();
    const { name } = call;
    this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
    const seconds = this.#seconds.get(name) ?? new Map<number, number>();
    const second = Math.floor(nowMs / 1000);
    this.#seconds.set(name, seconds.set(second, (seconds.get(second) ?? 0) + 1));
    if (this.#quotas.refusal(call, nowMs) === undefined) return;
    this.#refused.set(name, (this.#refused.get(name) ?? 0) + 1);
    await this.#clock.until(nowMs + REFUSAL_MS);
    throw throttled(name);
  }

  /** The answer about a query that would still run. */
  #stillRuns({ name }: Call, { queryId = "" }: Shapes, nowMs: number): unknown {
    const query = this.#queries.get(queryId);
    if (name !== "logs:GetQueryResults" || query === undefined) return undefined;
    return nowMs < query.startedMs + queryMs(query.bytes) ? RUNNING : undefined;
  }

  /** The same, once the answer tells how much the query reads. */
  #takesLonger(call: Call, input: Shapes, { statistics }: Shapes, nowMs: number): unknown {
    const query = this.#queries.get(input.queryId ?? "");
    if (query !== undefined) query.bytes = statistics?.bytesScanned ?? 0;
    return this.#stillRuns(call, input, nowMs);
  }

  async #answer<T extends { readonly output: object }>({ name }: Call, ask: () => Promise<T>): Promise<T> {
    let answer = await ask();
    for (let step = 1; name === "logs:GetQueryResults" && step < STEPS_OF_A_QUERY; step += 1) {
      const { status } = answer.output as Shapes;
      if (status !== "Scheduled" && status !== "Running") break;
      answer = await ask();
    }
    return answer;
  }

  #note({ name }: Call, input: Shapes, output: Shapes, sentMs: number): void {
    // Further pages are not taken for metrics asked for again: no AWS sentence was found that says either.
    if (input.NextToken === undefined) this.#metrics += input.MetricDataQueries?.length ?? 0;
    if (name === "logs:StartQuery" && output.queryId !== undefined) {
      this.#queries.set(output.queryId, { startedMs: sentMs, bytes: 0 });
    }
    if (name === "logs:GetQueryResults" && this.#queries.delete(input.queryId ?? "")) {
      this.#logBytes += output.statistics?.bytesScanned ?? 0;
    }
    const units = [output.ConsumedCapacity ?? []]
      .flat()
      .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    if (/:(Get|Query)/.test(name)) this.#readUnits += units;
    else this.#writeUnits += units;
  }
}

/** As the SDK gives it: retried by its own rules, and told from other errors by ours. */
function throttled(call: string): Error {
  return Object.assign(new Error(`Rate exceeded: ${call}`), {
    name: call.startsWith("lambda:") ? "TooManyRequestsException" : "ThrottlingException",
    $fault: "client",
    $metadata: { httpStatusCode: call.startsWith("lambda:") ? 429 : 400 },
  });
}
