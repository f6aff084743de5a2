import {
  InvalidToken,
  SendTaskSuccessCommand,
  SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import type { CallbackPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { ownError } from "./errors.ts";

/** So much of the token in a message gives it away, also where AWS cuts the message. */
const TELLING_CHARACTERS = 12;

/** Wakes waiting states. What was decided is in the ledger: the answer itself says nothing. */
export function createCallbacks(connection: Connection): CallbackPort {
  const client = connection.client(SFNClient);
  return {
    wake: async (taskToken) => {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: "{}" }));
        return "told";
      } catch (error) {
        // Also what the SDK's own repeat of an answered call gets: the state has gone on.
        if (isGone(error)) return "gone";
        throw ownError(withoutToken(error, taskToken), "waiting state", "states:SendTaskSuccess");
      }
    },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof TaskTimedOut || error instanceof InvalidToken || error instanceof TaskDoesNotExist;
}

/**
 * The token is a credential, and AWS's messages may quote it (a ValidationException does): what goes on, as a message
 * or as a cause, is a copy with what tells the trouble and nothing else.
 */
function withoutToken(error: unknown, taskToken: string): Error {
  const { name, message, code, $metadata } = error as Error & { code?: unknown; $metadata?: object };
  const quotes = String(message).includes(taskToken.slice(0, TELLING_CHARACTERS));
  return Object.assign(new Error(quotes ? "its message quotes the task token" : message), {
    name,
    code,
    $metadata,
  });
}
