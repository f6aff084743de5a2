// The line that makes a redelivery provable, in the language of each runtime: ids and counts only, never a body.
import { activeConsumers } from "../../detect/consumers.ts";
import { type AdviceContext, lines } from "./context.ts";

/** All print `{"messageId":"…","ApproximateReceiveCount":"…"}`, the shape that every log format keeps whole. */
const LOG_LINES = {
  typescript: lines(
    "for (const { messageId, attributes } of event.Records) {",
    "  console.log(JSON.stringify({ messageId, ApproximateReceiveCount: attributes.ApproximateReceiveCount }));",
    "}",
  ),
  python: lines(
    'for record in event["Records"]:',
    '    count = record["attributes"]["ApproximateReceiveCount"]',
    '    print(json.dumps({"messageId": record["messageId"], "ApproximateReceiveCount": count}))',
  ),
  java: lines(
    "for (SQSEvent.SQSMessage record : event.getRecords()) {",
    '  context.getLogger().log(String.format("{\\"messageId\\":\\"%s\\",\\"ApproximateReceiveCount\\":\\"%s\\"}\\n", record.getMessageId(), record.getAttributes().get("ApproximateReceiveCount")));',
    "}",
  ),
  csharp: lines(
    "foreach (var record in sqsEvent.Records) {",
    '  Console.WriteLine(JsonSerializer.Serialize(new { messageId = record.MessageId, ApproximateReceiveCount = record.Attributes["ApproximateReceiveCount"] }));',
    "}",
  ),
  ruby: lines(
    'event["Records"].each do |record|',
    '  puts({ messageId: record["messageId"], ApproximateReceiveCount: record["attributes"]["ApproximateReceiveCount"] }.to_json)',
    "end",
  ),
  go: lines(
    "for _, record := range event.Records {",
    '  log.Printf(`{"messageId":%q,"ApproximateReceiveCount":%q}`, record.MessageId, record.Attributes["ApproximateReceiveCount"])',
    "}",
  ),
  rust: lines(
    "for record in &event.payload.records {",
    '    println!("{}", serde_json::json!({ "messageId": record.message_id, "ApproximateReceiveCount": record.attributes.get("ApproximateReceiveCount") }));',
    "}",
  ),
} as const;

type Language = keyof typeof LOG_LINES;

/** By how Lambda's runtime identifiers begin. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const LANGUAGES: readonly (readonly [prefix: string, languages: readonly Language[]])[] = [
  ["nodejs", ["typescript"]],
  ["python", ["python"]],
  ["java", ["java"]],
  ["dotnet", ["csharp"]],
  ["ruby", ["ruby"]],
  ["go", ["go"]],
  ["provided", ["go", "rust"]],
];

/** Three lines for each language of the path's consumers; for all of them where a runtime is not known. */
export function logLines(context: AdviceContext): Record<string, string> {
  const languages = new Set(
    activeConsumers(context.path).flatMap((consumer) => languagesOf(consumer.function?.runtime)),
  );
  return Object.fromEntries(Object.entries(LOG_LINES).filter(([language]) => languages.has(language)));
}

/** A container image names no runtime. */
function languagesOf(runtime: string | undefined): readonly string[] {
  const known = LANGUAGES.find(([prefix]) => runtime?.startsWith(prefix));
  return known?.[1] ?? Object.keys(LOG_LINES);
}
