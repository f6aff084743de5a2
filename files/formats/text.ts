// Plain text: an event begins with its time, and further lines of its message follow.
import type { EventParser, EventSink } from "../log-event.ts";
import { createLineSplitter } from "./lines.ts";
import { type TextShape, withoutColours } from "./text-shapes.ts";
import { timeOf } from "./times.ts";

/** CloudWatch takes events of up to 1 MiB: what follows after more is no part of the message. */
const MAX_MESSAGE_LENGTH = 1024 * 1024;

interface OpenEvent {
  readonly timestampMs: number;
  readonly logStream: string | null;
  readonly lines: string[];
  length: number;
}

export function createTextParser({ first }: TextShape, sink: EventSink): EventParser {
  let open: OpenEvent | undefined;

  function close(): void {
    if (open === undefined) return;
    const { timestampMs, logStream, lines } = open;
    sink.event({ timestampMs, logStream, logGroup: null, message: lines.join("\n").trimEnd() });
    open = undefined;
  }

  const splitter = createLineSplitter((raw, number) => {
    if (raw === undefined) return sink.unreadable(number);
    const line = withoutColours(raw);
    const groups = first.exec(line)?.groups;
    const timestampMs = timeOf(groups?.["time"]);
    if (groups !== undefined && timestampMs !== undefined) {
      close();
      const message = groups["message"] ?? "";
      open = { timestampMs, logStream: groups["stream"] ?? null, lines: [message], length: message.length };
      return;
    }
    if (line.trim() === "") return;
    if (open === undefined || open.length + line.length > MAX_MESSAGE_LENGTH) return sink.unreadable(number);
    open.lines.push(line);
    open.length += line.length + 1;
  });

  return {
    write: (text) => splitter.write(text),
    end() {
      splitter.end();
      close();
    },
  };
}
