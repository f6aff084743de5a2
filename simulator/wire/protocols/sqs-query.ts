// SQS in its older Query protocol, which AWS CLIs before 1.31 / 2.14 speak (Debian 12's does): the same
// operations with lists flattened under other names (`AttributeName.1=All`, `<QueueUrl>` again and again).

const LISTS: Readonly<Record<string, string>> = {
  AttributeName: "AttributeNames",
  MessageAttributeName: "MessageAttributeNames",
  MessageSystemAttributeName: "MessageSystemAttributeNames",
  TagKey: "TagKeys",
  SendMessageBatchRequestEntry: "Entries",
  DeleteMessageBatchRequestEntry: "Entries",
  ChangeMessageVisibilityBatchRequestEntry: "Entries",
};

/** Lists of pairs, and what the pair's first member is called. */
const MAPS: Readonly<Record<string, { readonly name: string; readonly key: string }>> = {
  Attribute: { name: "Attributes", key: "Name" },
  MessageAttribute: { name: "MessageAttributes", key: "Name" },
  Tag: { name: "Tags", key: "Key" },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** `{ 2: b, 1: a }` → `[a, b]`; whole-number keys are in order by themselves. */
function numbered(value: unknown): unknown[] {
  return isObject(value) ? Object.values(value) : [];
}

/** Parameters of the Query protocol → parameters as the JSON protocol names them. */
export function fromSqsQuery(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const renamed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const list = LISTS[name];
    const map = MAPS[name];
    if (list !== undefined) {
      renamed[list] = numbered(value).map((item) => (isObject(item) ? fromSqsQuery(item) : item));
    } else if (map !== undefined) {
      const pairs = numbered(value).map((pair) => (isObject(pair) ? [pair[map.key], pair["Value"]] : []));
      renamed[map.name] = Object.fromEntries(pairs);
    } else {
      renamed[name] = value;
    }
  }
  // CreateQueue alone spells them in lower case; other operations ignore what they do not know.
  return "Tags" in renamed ? { ...renamed, tags: renamed["Tags"] } : renamed;
}

/** A result as the JSON protocol has it → elements of the Query protocol, for the XML builder. */
export function toSqsXml(operation: string, result: unknown): Record<string, unknown> {
  const names: Readonly<Record<string, string>> = {
    QueueUrls: "QueueUrl",
    queueUrls: "QueueUrl",
    Messages: "Message",
    Successful: `${operation}ResultEntry`,
    Failed: "BatchResultErrorEntry",
  };
  const elements: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isObject(result) ? result : {})) {
    const map = Object.entries(MAPS).find(([, { name: plural }]) => plural === name);
    if (map !== undefined && isObject(value)) {
      const [element, { key }] = map;
      elements[element] = Object.entries(value).map(([member, Value]) => ({ [key]: member, Value }));
    } else if (Array.isArray(value)) {
      elements[names[name] ?? name] = value.map((item: unknown) =>
        isObject(item) ? toSqsXml(operation, item) : item,
      );
    } else if (value !== undefined) {
      elements[name] = value;
    }
  }
  return elements;
}
