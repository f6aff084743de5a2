// The events that Lambda itself writes in JSON format. Levels are AWS's as far as known [inferred]: start and a
// successful report are INFO, a successful runtimeDone is DEBUG, anything that failed is WARN.
import { type InvocationFacts, isoTime, type Line } from "./line.ts";

const LEVELS = ["DEBUG", "INFO", "WARN"] as const;
type Level = (typeof LEVELS)[number];

interface PlatformEvent {
  readonly level: Level;
  readonly timestampMs: number;
  readonly type: string;
  readonly record: Record<string, unknown>;
}

function eventsBefore(facts: InvocationFacts): PlatformEvent[] {
  const start: PlatformEvent = {
    level: "INFO",
    timestampMs: facts.startMs,
    type: "platform.start",
    record: { requestId: facts.requestId, version: facts.version },
  };
  if (facts.initMs === 0) return [start];
  const init: PlatformEvent = {
    level: "INFO",
    timestampMs: facts.beginMs,
    type: "platform.initStart",
    record: {
      initializationType: "on-demand",
      phase: "init",
      functionName: facts.functionName,
      functionVersion: facts.version,
    },
  };
  return [init, start];
}

function eventsAfter(facts: InvocationFacts): PlatformEvent[] {
  const failed = facts.outcome !== "success";
  const durationMs = facts.endMs - facts.startMs;
  // The report calls an unhandled exception an error, the runtime's own event a failure.
  return [
    {
      level: failed ? "WARN" : "DEBUG",
      timestampMs: facts.endMs,
      type: "platform.runtimeDone",
      record: {
        requestId: facts.requestId,
        status: facts.outcome === "error" ? "failure" : facts.outcome,
        metrics: { durationMs },
      },
    },
    {
      level: failed ? "WARN" : "INFO",
      timestampMs: facts.endMs,
      type: "platform.report",
      record: {
        requestId: facts.requestId,
        metrics: {
          durationMs,
          billedDurationMs: durationMs + facts.initMs,
          memorySizeMB: facts.memoryMb,
          maxMemoryUsedMB: Math.round(facts.memoryMb * 0.6),
          ...(facts.initMs > 0 ? { initDurationMs: facts.initMs } : {}),
        },
        status: facts.outcome,
      },
    },
  ];
}

/** @param systemLogLevel of the function; what lies below is not written. */
export function platformJson(
  facts: InvocationFacts,
  systemLogLevel: Level,
): { before: Line[]; after: Line[] } {
  const written = (events: readonly PlatformEvent[]): Line[] =>
    events
      .filter(({ level }) => LEVELS.indexOf(level) >= LEVELS.indexOf(systemLogLevel))
      .map(({ timestampMs, type, record }) => ({
        timestampMs,
        message: `${JSON.stringify({ time: isoTime(timestampMs), type, record })}\n`,
      }));
  return { before: written(eventsBefore(facts)), after: written(eventsAfter(facts)) };
}
