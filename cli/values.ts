// Option values: text in, checked value out, or one sentence with what was expected and what was given.
import { ConfigError } from "../core/errors.ts";
import { suggestion } from "./nearest.ts";

const UNIT_MINUTES: Readonly<Record<string, number>> = { m: 1, min: 1, h: 60, d: 1440 };

/** "90m", "3h", "1.5h", "2d" → minutes. @throws ConfigError */
export function parseMinutes(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(m|min|h|d)$/.exec(text.trim());
  const minutes = Number(match?.[1]) * (UNIT_MINUTES[match?.[2] ?? ""] ?? Number.NaN);
  if (!Number.isInteger(minutes) || minutes <= 0) {
    throw new ConfigError(`--${option}: expected a time like 90m, 3h or 2d, got "${text}"`);
  }
  return minutes;
}

/** @throws ConfigError */
export function parseInteger(option: string, text: string, min: number, max: number): number {
  const value = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new ConfigError(`--${option}: expected a whole number from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

/** @throws ConfigError */
export function parsePositive(option: string, text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value > 0)) throw new ConfigError(`--${option}: expected a number above 0, got "${text}"`);
  return value;
}

/** @throws ConfigError */
export function parseChoice<const Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) {
    const hint = suggestion(text, choices);
    throw new ConfigError(`--${option}: expected one of ${choices.join(", ")}, got "${text}"${hint}`);
  }
  return choice;
}

/** ISO 8601 with a zone → epoch ms. @throws ConfigError */
export function parseTime(option: string, text: string): number {
  const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw new ConfigError(`--${option}: expected a time like 2026-11-23T17:00:00Z, got "${text}"`);
  }
  return timeMs;
}

/** @throws ConfigError */
export function parseUrl(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`--${option}: expected a URL like http://127.0.0.1:4566, got "${text}"`);
  }
  return text;
}
