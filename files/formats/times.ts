// Times as CloudWatch and its tools write them. All of them are UTC where no zone is given.

/** `2026-11-23T12:00:00`, with or without a fraction and a zone; a blank for the T is Logs Insights' way. */
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/;
const EPOCH_MS = /^\d{13}$/;

/** Epoch ms of a number or a text; undefined for anything else. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  if (EPOCH_MS.test(value)) return Number(value);
  const [, date, time, fraction = "", zone = "Z"] = DATE_TIME.exec(value) ?? [];
  if (date === undefined) return undefined;
  // Date reads milliseconds; anything finer is cut off.
  const timeMs = Date.parse(`${date}T${time}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
