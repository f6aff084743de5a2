// How numbers, times and names are written in every report.
import { type PathReference, pathArn } from "../../core/model/finding.ts";

/** "1.2 kB", "45 MB": decimal units, as AWS bills them. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : trimZero(value.toFixed(1))} ${units[unit]}`;
}

/** "350 ms", "4.2 s", "3 min 5 s", "2 h 10 min". */
export function formatDurationMs(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${trimZero((durationMs / 1000).toFixed(1))} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return joinUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** Seconds as people configure them: "30 s", "360 s (6 min)". */
export function formatSeconds(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${seconds} s (${formatDurationMs(seconds * 1000)})`;
}

/** "$0.0042"; never "$0.00" for something that costs. */
export function formatUsd(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.0001) return "less than $0.0001";
  return `$${usd < 1 ? trimZero(usd.toFixed(4)) : usd.toFixed(2)}`;
}

/** "3.1 %"; small shares keep a digit that is not zero. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.05) return "< 0.1 %";
  return `${trimZero(percent.toFixed(1))} %`;
}

/** "12,345". */
function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1 message", "2 messages". */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

/** The queue's name out of its ARN. */
export function queueName(queueArn: string): string {
  return queueArn.slice(queueArn.lastIndexOf(":") + 1);
}

/** What people call a path: its queue, or its function where no queue stands between. */
export function pathName(path: PathReference): string {
  return path.queueArn === undefined ? functionName(pathArn(path)) : queueName(path.queueArn);
}

/** The function's name out of its ARN, with the alias or version where there is one. */
export function functionName(functionArn: string): string {
  const marker = ":function:";
  const at = functionArn.indexOf(marker);
  return at < 0 ? functionArn : functionArn.slice(at + marker.length);
}

function trimZero(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
