// Files whose format names no stream: which of them hold parts of one stream? A request belongs to one stream, so
// files that share a request id do; and files of one function that follow each other in time may as well be read as
// one, because an environment runs one invocation at a time.
import { groupsOf } from "../core/correlate/join-groups.ts";
import { UUID } from "../core/correlate/patterns.ts";

export interface UnnamedFile {
  readonly name: string;
  /** Equal for files of one origin, as far as it is known; undefined where nothing tells it. */
  readonly origin: string | undefined;
  /** Epoch ms of its earliest and latest event. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Of the platform's lines. */
  readonly requestIds: ReadonlySet<string>;
}

const TEXT = new RegExp(`^\\s*(?:START|END|REPORT) RequestId: (${UUID})`);
const JSON_RECORD = new RegExp(`"type"\\s*:\\s*"platform\\..*"requestId"\\s*:\\s*"(${UUID})"`, "s");

/** The request that a line of the platform is about. */
export function platformRequestId(message: string): string | undefined {
  const text = TEXT.exec(message)?.[1];
  return text ?? (message.includes('"platform.') ? JSON_RECORD.exec(message)?.[1] : undefined);
}

/** File name → the name of the stream that it is part of: that of the stream's first file. */
export function unnamedStreams(files: readonly UnnamedFile[]): Map<string, string> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const byRequest = new Map<string, string[]>();
  for (const { name, requestIds } of files) {
    for (const id of requestIds) byRequest.set(id, [...(byRequest.get(id) ?? []), name]);
  }
  const shared = [...byRequest].filter(([, names]) => names.length > 1);
  const alone = files.map(({ name }) => ({ key: name, members: [name] }));
  const origins = new Set(files.flatMap(({ origin }) => origin ?? []));
  const [only] = origins.size === 1 ? origins : [];
  const parts = groupsOf([...alone, ...shared.map(([key, members]) => ({ key, members }))])
    .map(({ members }) => members.flatMap((name) => byName.get(name) ?? []))
    .map((members) => ({
      members,
      origin: members.find(({ origin }) => origin !== undefined)?.origin ?? only,
      firstMs: Math.min(...members.map(({ firstMs }) => firstMs)),
      lastMs: Math.max(...members.map(({ lastMs }) => lastMs)),
    }))
    .sort((a, b) => a.firstMs - b.firstMs || a.lastMs - b.lastMs);

  const streams: { name: string; origin: string | undefined; lastMs: number }[] = [];
  const names = new Map<string, string>();
  for (const { members, origin, firstMs, lastMs } of parts) {
    // The one that ended last before it.
    const ended = streams
      .filter((one) => one.origin === origin && one.lastMs <= firstMs)
      .sort((a, b) => b.lastMs - a.lastMs)[0];
    const stream = ended ?? { name: members[0]?.name ?? "", origin, lastMs };
    if (ended === undefined) streams.push(stream);
    stream.lastMs = lastMs;
    for (const { name } of members) names.set(name, stream.name);
  }
  return names;
}
