// Why a batch could not be scanned to its end, left for Summarise: the workflow only knows that it failed.
import * as z from "zod";
import { AppError } from "../errors.ts";
import type { BatchContext } from "../model/workflow.ts";
import { documentKey } from "./documents.ts";
import type { ScanPorts } from "./scan-ports.ts";

/** Lower case, no full stop. */
export const FailureNote = z.object({ reason: z.string() });

/**
 * Does a step of a batch. Where it fails the reason is noted, and the failure goes on to the workflow, which may try
 * again; after a success nobody asks for the note. A note that cannot be written changes nothing.
 */
export async function notingFailure<T>(
  { ledger }: Pick<ScanPorts, "ledger">,
  { scanId, batchKey }: BatchContext,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const note: z.infer<typeof FailureNote> = { reason: reasonOf(error) };
    await ledger.putDocument(scanId, documentKey.failure(batchKey), note).catch(() => undefined);
    throw error;
  }
}

/** Only our own errors are written to be read; of others the name, as their text may hold anything. */
function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return `unexpected failure: ${error instanceof Error ? error.name : typeof error}`;
}
