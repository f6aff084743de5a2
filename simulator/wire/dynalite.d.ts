// dynalite ships no types; this is the little that is used of it.
declare module "dynalite" {
  import type { Server } from "node:http";

  interface Options {
    /** Milliseconds that tables stay CREATING, DELETING and UPDATING. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }
  export default function dynalite(options?: Options): Server;
}
