// I4 under every order of calls that chance finds: the writers' DynamoDB calls go one at a time in a drawn order,
// writers die between two calls, and after each call the table is looked at.
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createChangeLedger } from "../../../aws/change-ledger.ts";
import type { Connection } from "../../../aws/connection.ts";
import { createLedgerTableInput } from "../../../aws/ledger-table.ts";
import { AppError } from "../../../core/errors.ts";
import type { Change } from "../../../core/model/change.ts";
import type { ChangeLedger } from "../../../core/ports.ts";
import { change } from "../../support/changes.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";

let dynalite: DynaliteTable;
beforeAll(async () => {
  dynalite = await startDynaliteTable();
});
afterAll(() => dynalite.close());

/** One a run: its listing stays short. */
async function createTable(tableName: string): Promise<void> {
  const client = dynalite.connection.client(DynamoDBClient);
  await client.send(new CreateTableCommand(createLedgerTableInput(tableName)));
  const isThere = async () =>
    (await client.send(new DescribeTableCommand({ TableName: tableName }))).Table?.TableStatus === "ACTIVE";
  while (!(await isThere()));
}

/** One of ours, so that no adapter translates it. */
class Died extends AppError {
  override readonly name = "Died";
}

/** Holds every call of every writer until its turn. */
class Turns {
  readonly #held: (() => Promise<void>)[] = [];
  readonly #failures: unknown[] = [];
  #writers = 0;
  #stir = Promise.withResolvers<void>();

  /** A ledger of one writer, which dies when it wants to make its call number `calls`. */
  ledger(tableName: string, calls: number): ChangeLedger {
    let left = calls;
    const hold = <Answer>(call: () => Promise<Answer>) =>
      new Promise<Answer>((resolve, reject) => {
        left -= 1;
        if (left < 0) return reject(new Died());
        this.#held.push(() => call().then(resolve, reject));
        this.#stir.resolve();
      });
    const connection: Connection = {
      calls: dynalite.connection.calls,
      client: (clientClass, more) => {
        const client = dynalite.connection.client(clientClass, more);
        const stack = client.middlewareStack as unknown as DynamoDBClient["middlewareStack"];
        stack.add((next) => (args) => hold(() => next(args)), { name: "hold", step: "initialize" });
        return client;
      },
    };
    return createChangeLedger(connection, { tableName });
  }

  writer(work: () => Promise<void>): void {
    this.#writers += 1;
    void work()
      .catch((error: unknown) => {
        if (!(error instanceof Died)) this.#failures.push(error);
      })
      .finally(() => {
        this.#writers -= 1;
        this.#stir.resolve();
      });
  }

  /** Lets one call go at a time until no writer is left. */
  async run(choices: readonly number[], afterEach: () => Promise<void>): Promise<void> {
    for (let turn = 0; this.#writers > 0; ) {
      this.#stir = Promise.withResolvers();
      // Every living writer makes its calls one after the other, so it is held or about to be.
      if (this.#held.length < this.#writers) {
        await this.#stir.promise;
        continue;
      }
      const choice = (choices[turn % choices.length] ?? 0) % this.#held.length;
      turn += 1;
      await this.#held.splice(choice, 1)[0]?.();
      await afterEach();
    }
    expect(this.#failures).toStrictEqual([]);
  }
}

interface Writer {
  readonly id: number;
  readonly closes: boolean;
  readonly repeats: boolean;
  readonly dies: number;
}

const WRITER = fc.record({
  id: fc.nat({ max: 2 }),
  closes: fc.boolean(),
  repeats: fc.boolean(),
  dies: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 12 })),
});

describe("I4: of one queue never two changes are open", () => {
  let runs = 0;

  test("a change whose writer died with the place taken is opened by whoever comes next", async () => {
    await createTable("died");
    const [first, second] = [change({ id: "first" }), change({ id: "second" })];
    const turns = new Turns();
    // It looks for its record and takes the place; the call that writes the record is never made.
    turns.writer(async () => void (await turns.ledger("died", 2).open(first)));
    await turns.run([0], async () => undefined);

    const ledger = createChangeLedger(dynalite.connection, { tableName: "died" });
    expect(await ledger.list()).toStrictEqual([]);
    expect(await ledger.open(second)).toStrictEqual(first);
    expect(await ledger.list()).toStrictEqual([first]);
    expect(await ledger.open(first)).toStrictEqual(first);
  });

  async function work(ledger: ChangeLedger, mine: Change, { closes, repeats }: Writer): Promise<void> {
    const got = await ledger.open(mine);
    if (got !== undefined && closes && (await ledger.save({ ...got, status: "closed" }))) {
      await ledger.release(got);
    }
    if (repeats) await ledger.open(mine);
  }

  test("whatever the order of calls, and wherever writers die", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(WRITER, { minLength: 2, maxLength: 5 }),
        fc.array(fc.nat({ max: 59 }), { minLength: 1, maxLength: 40 }),
        async (writers, choices) => {
          const tableName = `run-${++runs}`;
          await createTable(tableName);
          const observer = createChangeLedger(dynalite.connection, { tableName });
          const changeOf = (id: number) => change({ id: `change-${id}` });
          const closed = new Set<string>();
          const openNow = async () => {
            const all = await observer.list();
            const open = all.filter(({ status }) => status !== "closed");
            // Closed for good.
            expect(open.filter(({ id }) => closed.has(id))).toStrictEqual([]);
            for (const { id, status } of all) if (status === "closed") closed.add(id);
            return open;
          };

          const turns = new Turns();
          for (const writer of writers) {
            turns.writer(() => work(turns.ledger(tableName, writer.dies), changeOf(writer.id), writer));
          }
          await turns.run(choices, async () => expect((await openNow()).length).toBeLessThanOrEqual(1));

          // Whatever was left behind, the queue is not lost: the next change gets the place, or is told who has it.
          const next = await observer.open(changeOf(9));
          expect(await openNow()).toStrictEqual([next]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
