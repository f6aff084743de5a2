// Text in pieces → lines.

/** CloudWatch takes events of up to 1 MiB; a longer line is no log line. */
const MAX_LINE_LENGTH = 4 * 1024 * 1024;

export interface LineSplitter {
  write(text: string): void;
  end(): void;
}

/**
 * @param take gets each line without its line break; what is longer than any log line comes as undefined.
 */
export function createLineSplitter(take: (line: string | undefined, number: number) => void): LineSplitter {
  let number = 1;
  let rest = "";
  let tooLong = false;

  function finishLine(line: string): void {
    take(tooLong ? undefined : line.endsWith("\r") ? line.slice(0, -1) : line, number);
    number += 1;
    tooLong = false;
  }

  return {
    write(text) {
      let from = 0;
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
        finishLine(rest + text.slice(from, at));
        rest = "";
        from = at + 1;
      }
      rest += text.slice(from);
      if (rest.length > MAX_LINE_LENGTH) {
        tooLong = true;
        rest = "";
      }
    },
    end() {
      if (rest !== "" || tooLong) finishLine(rest);
      rest = "";
    },
  };
}
