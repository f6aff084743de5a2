// What the tools that know nothing of Lambda are told to look for: written so that RE2 (DuckDB) and Oniguruma (jq)
// read it alike, and good for every consumer of this benchmark. Both stand before an id.

/** The key of a message id in any shape, and what stands between. */
export const MESSAGE_ID = "[mM]essage_?[iI]d[^0-9A-Za-z]{1,8}(?:Some[^0-9A-Za-z]{1,4})?";

/** The start of an invocation, in text and in JSON format. */
export const STARTED_REQUEST =
  '^(?:START RequestId: |\\{"time":"[^"]*","type":"platform[.]start","record":\\{"requestId":")';
