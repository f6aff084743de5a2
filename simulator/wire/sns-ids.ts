// Ids and tokens of SNS: its own are random, these repeat with the run.
import { createHash } from "node:crypto";

/** A UUID made of what it stands for. */
export function idOf(...parts: readonly (string | number)[]): string {
  const hex = createHash("md5").update(parts.join(" ")).digest("hex");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
