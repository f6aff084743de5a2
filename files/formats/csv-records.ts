// Text in pieces → records of CSV (RFC 4180): fields may be quoted and then hold commas, line breaks and "" for ".

/** No event is longer (see text.ts); an unclosed quote must not swallow the whole file. */
const MAX_RECORD_LENGTH = 4 * 1024 * 1024;

export interface CsvReader {
  write(text: string): void;
  end(): void;
}

/** @param take gets each record with the line that it begins in; undefined where one cannot be read. */
export function createCsvReader(
  take: (record: readonly string[] | undefined, line: number) => void,
): CsvReader {
  let fields: string[] = [];
  let field = "";
  let length = 0;
  /** A quote inside a quoted field may be its end or the first half of "". */
  let state: "plain" | "quoted" | "quote-in-quoted" | "skipping" = "plain";
  let line = 1;
  let recordLine = 1;

  function endField(): void {
    fields.push(field);
    field = "";
  }

  function endRecord(): void {
    endField();
    const record = fields;
    fields = [];
    length = 0;
    if (state === "skipping") take(undefined, recordLine);
    else if (record.length > 1 || record[0] !== "") take(record, recordLine);
    state = "plain";
    recordLine = line;
  }

  function add(text: string): void {
    length += text.length;
    if (state === "skipping") return;
    if (length <= MAX_RECORD_LENGTH) {
      field += text;
      return;
    }
    state = "skipping";
    field = "";
    fields = [];
  }

  /** @returns where to go on. */
  function plain(text: string, at: number): number {
    let end = at;
    while (end < text.length && !',"\n\r'.includes(text[end] ?? "")) end += 1;
    if (end > at) add(text.slice(at, end));
    if (end === text.length) return end;
    const character = text[end];
    if (character === "\n") {
      line += 1;
      endRecord();
    } else if (character === "," && state !== "skipping") endField();
    else if (character === '"' && field === "" && state !== "skipping") state = "quoted";
    else if (character === '"') add('"');
    return end + 1;
  }

  function quoted(text: string, at: number): number {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    const part = text.slice(at, end);
    for (let br = part.indexOf("\n"); br >= 0; br = part.indexOf("\n", br + 1)) line += 1;
    add(part);
    if (quote < 0) return end;
    if (state === "quoted") state = "quote-in-quoted";
    return end + 1;
  }

  return {
    write(text) {
      let at = 0;
      while (at < text.length) {
        if (state === "quote-in-quoted") {
          if (text[at] === '"') {
            state = "quoted";
            add('"');
            at += 1;
          } else state = "plain";
        } else at = state === "quoted" ? quoted(text, at) : plain(text, at);
      }
    },
    end() {
      if (state === "quoted") state = "skipping";
      if (field !== "" || fields.length > 0 || state === "skipping") endRecord();
    },
  };
}
