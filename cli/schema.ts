import * as z from "zod";
import { FindingDocument } from "../core/model/finding.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./io.ts";
import { parseOptions } from "./options.ts";

const OPTIONS = {} as const;

export const schema: Command = {
  name: "schema",
  summary: "print the JSON Schema of the finding document",
  options: OPTIONS,
  notes: ['The document is what "scan" and "analyze" print with --format json.'],
  run(args, io) {
    parseOptions("schema", OPTIONS, args);
    io.stdout(`${JSON.stringify(findingDocumentSchema(), null, 2)}\n`);
    return Promise.resolve(EXIT.ok);
  },
};

/** Draft 2020-12. Fields may be added within a schema version, so unknown ones are allowed. */
function findingDocumentSchema(): unknown {
  return z.toJSONSchema(FindingDocument, { io: "input" });
}
