/** `2026-11-23-[$LATEST]0123…` or, where functions share a log group, `2026-11-23-my-function[$LATEST]0123…`. */
const EXPORTED = /^(\d{4})-(\d\d)-(\d\d)-(.*\[[^\]]+\][0-9a-f]{32})$/;

/** A Lambda log stream's own name: an export to S3 writes a dash for each slash of it. */
export function logStreamName(name: string): string {
  return name.replace(EXPORTED, "$1/$2/$3/$4");
}
