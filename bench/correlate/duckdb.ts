// The same question in SQL. A line without a request id belongs to the invocation that last started in its stream, as
// for the project itself; why a message came again is more than a query can tell.
import { DuckDBInstance } from "@duckdb/node-api";
import { UUID } from "../../core/correlate/patterns.ts";
import type { Answer } from "./answer.ts";
import { MESSAGE_ID, STARTED_REQUEST } from "./expressions.ts";

const COLUMNS = "{logGroup: 'VARCHAR', logStream: 'VARCHAR', timestampMs: 'BIGINT', message: 'VARCHAR'}";

function query(path: string): string {
  return `
    WITH events AS (
      SELECT row_number() OVER () AS n, logStream,
             regexp_extract(message, ${text(`${STARTED_REQUEST}(${UUID})`)}, 1) AS started,
             regexp_extract_all(message, ${text(`${MESSAGE_ID}(${UUID})`)}, 1) AS ids
      FROM read_json(${text(path)}, format = 'newline_delimited', columns = ${COLUMNS})
    ), placed AS (
      SELECT ids, last_value(nullif(started, '') IGNORE NULLS)
                    OVER (PARTITION BY logStream ORDER BY n ROWS UNBOUNDED PRECEDING) AS request
      FROM events WHERE started <> '' OR len(ids) > 0
    ), deliveries AS (
      SELECT DISTINCT unnest(ids) AS id, request FROM placed
    ), messages AS (
      SELECT id, count(*) AS requests FROM deliveries GROUP BY id
    )
    SELECT count(*) AS messages, sum(requests) AS deliveries, count(*) FILTER (requests > 1) AS redelivered
    FROM messages`;
}

export async function answer(path: string): Promise<Answer> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const [row] = (await connection.runAndReadAll(query(path))).getRowObjectsJson();
    return {
      messages: Number(row?.["messages"]),
      deliveries: Number(row?.["deliveries"]),
      redelivered: Number(row?.["redelivered"]),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
