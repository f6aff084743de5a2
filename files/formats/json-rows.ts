// Text in pieces → the rows of JSON documents, one by one, so that a document of any size needs the memory of one row.
// A row is what stands in a top-level list, in a list under one of the keys that CloudWatch uses, or alone on the top
// level (one object a line). Several documents may follow each other.

/** What CloudWatch calls its lists: FilterLogEvents and GetLogEvents, GetQueryResults, subscriptions. */
const LIST_KEYS = new Set(["events", "results", "logEvents"]);
/** Members beside the list that say where all its rows come from. */
const OUTER_KEYS = new Set(["logGroup", "logStream", "logGroupName", "logStreamName"]);
/** No event is longer (see text.ts), even escaped; a lost bracket must not swallow the whole file. */
const MAX_ROW_LENGTH = 8 * 1024 * 1024;

export interface JsonRowSink {
  /** @param outer the members of the document that were read before its list. */
  row(text: string, line: number, outer: Readonly<Record<string, unknown>>): void;
  unreadable(line: number): void;
}

export interface JsonRowReader {
  write(text: string): void;
  end(): void;
}

/** Where the reader is: between documents, in a document beside its list, in a list, or in a row. */
type Place = "top" | "document" | "list" | "row";

const BACKSLASH = 92;

export function createJsonRowReader(sink: JsonRowSink): JsonRowReader {
  let buffer = "";
  let at = 0;
  let line = 1;
  let place: Place = "top";
  /** Open brackets inside the row, or inside a document. */
  let depth = 0;
  /** Where the row (or the object that may be one) begins in the buffer; -1 = not kept. */
  let from = -1;
  let fromLine = 1;
  /** The list's own document, where it has one. */
  let inDocument = false;
  let stringFrom = -1;
  let lastString = "";
  let key = "";
  let outer: Record<string, unknown> = {};
  let skipping = false;

  function open(character: "{" | "["): void {
    if (place === "row") depth += 1;
    else if (place === "list") beginRow("row");
    else if (place === "top" && character === "[") {
      place = "list";
      inDocument = false;
    } else if (place === "top") beginDocument();
    else if (depth === 1 && character === "[" && LIST_KEYS.has(key)) {
      place = "list";
      inDocument = true;
      from = -1;
    } else depth += 1;
  }

  function beginRow(into: Place): void {
    place = into;
    depth = 1;
    from = at;
    fromLine = line;
  }

  function beginDocument(): void {
    beginRow("document");
    key = "";
    outer = {};
  }

  function close(): void {
    if (place === "list") {
      place = inDocument ? "document" : "top";
      depth = 1;
      return;
    }
    if (place === "top") return;
    depth -= 1;
    if (depth > 0) return;
    // An object that turned out to have no list of rows is a row itself.
    if (from >= 0) sink.row(buffer.slice(from, at + 1), fromLine, place === "row" ? outer : {});
    from = -1;
    place = place === "row" ? "list" : "top";
    if (place === "top") outer = {};
  }

  /** Reads to the end of the string that begins before `at`. @returns false when the rest is still to come. */
  function skipString(): boolean {
    for (;;) {
      const quote = buffer.indexOf('"', at);
      if (quote < 0) {
        at = buffer.length;
        return false;
      }
      at = quote + 1;
      let slashes = 0;
      while (buffer.charCodeAt(quote - 1 - slashes) === BACKSLASH && quote - 1 - slashes >= stringFrom)
        slashes += 1;
      if (slashes % 2 === 0) break;
    }
    if (place === "document" && depth === 1) {
      lastString = buffer.slice(stringFrom, at - 1);
      if (OUTER_KEYS.has(key)) outer[key] = lastString;
    }
    stringFrom = -1;
    return true;
  }

  /** Text where a value should begin: no JSON; the rest of its line goes with it. */
  function skipLine(): void {
    const end = buffer.indexOf("\n", at);
    skipping = end < 0;
    at = end < 0 ? buffer.length : end;
  }

  function step(character: string | undefined): void {
    switch (character) {
      case '"':
        if (place === "top") noJson();
        else stringFrom = at + 1;
        return;
      case "{":
      case "[":
        open(character);
        return;
      case "}":
      case "]":
        close();
        return;
      case "\n":
        line += 1;
        return;
      case ":":
        if (place === "document" && depth === 1) key = lastString;
        return;
      case ",":
        if (place === "document" && depth === 1) key = "";
        return;
      case " ":
      case "\r":
      case "\t":
        return;
      default:
        if (place === "top") noJson();
    }
  }

  function noJson(): void {
    sink.unreadable(line);
    skipLine();
    at -= 1;
  }

  function giveUpRow(): void {
    sink.unreadable(fromLine);
    from = -1;
    stringFrom = -1;
    place = "top";
    depth = 0;
    skipping = true;
  }

  /** Forgets what was read, except the row and the string that are still open. */
  function forget(): void {
    const keep = Math.min(from < 0 ? at : from, stringFrom < 0 ? at : stringFrom);
    buffer = buffer.slice(keep);
    at -= keep;
    if (from >= 0) from -= keep;
    if (stringFrom >= 0) stringFrom -= keep;
  }

  return {
    write(text) {
      buffer += text;
      if (skipping) skipLine();
      while (at < buffer.length) {
        if (stringFrom >= 0) {
          if (!skipString()) break;
          continue;
        }
        step(buffer[at]);
        at += 1;
      }
      forget();
      if (buffer.length > MAX_ROW_LENGTH) giveUpRow();
    },
    end() {
      if (place !== "top" && (from >= 0 || stringFrom >= 0)) sink.unreadable(fromLine);
    },
  };
}
