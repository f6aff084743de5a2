// The finding document in the format that was asked for.
import type { FindingDocument } from "../core/model/finding.ts";
import { renderJson } from "../report/json.ts";
import { renderMarkdown } from "../report/markdown.ts";
import { renderTable } from "../report/table.ts";
import type { Io } from "./io.ts";

export const FORMATS = ["table", "json", "markdown"] as const;
export type Format = (typeof FORMATS)[number];

export function renderDocument(document: FindingDocument, format: Format, io: Io): string {
  switch (format) {
    case "json":
      return renderJson(document);
    case "markdown":
      return renderMarkdown(document);
    case "table":
      return renderTable(document, { columns: io.columns, colour: hasColour(io.isTerminal, io) });
  }
}

/** Colours only on a terminal whose owner has not said NO_COLOR. @see https://no-color.org */
export function hasColour(isTerminal: boolean, io: Io): boolean {
  return isTerminal && (io.env["NO_COLOR"] ?? "") === "" && io.env["TERM"] !== "dumb";
}
