// The ledger table's keys as data: the one definition for the stack that creates the table, the adapter that
// uses it, and the tests and demo that create it in an emulator.

export const LEDGER_TABLE = {
  partitionKey: "pk",
  sortKey: "sk",
  /** Epoch seconds. Only tidies up: nothing depends on when DynamoDB really deletes. */
  timeToLiveAttribute: "expiresAt",
} as const;
