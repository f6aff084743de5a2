// Files whose format names no stream: which of them hold parts of one stream? A request belongs to one stream, so
// files that share a request id do; and files of one function that follow each other in time may as well be read as
// one, because an environment runs one invocation at a time.
import { getOrCreate } from "../core/correlate/get-or-create.ts";
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

/** File name → the name of the stream that it is part of: that of one of the stream's files. */
export function unnamedStreams(files: readonly UnnamedFile[]): Map<string, string> {
  const origins = new Set(files.flatMap(({ origin }) => origin ?? []));
  const [only] = origins.size === 1 ? origins : [];
  const streams: Part[] = [];
  const names = new Map<string, string>();
  for (const part of partsOf(files)) {
    const origin = part.origin ?? only;
    const known = nearest(
      part,
      streams.filter((one) => one.origin === origin && isApart(one, part)),
    );
    const stream = known ?? { origin, members: [] };
    if (known === undefined) streams.push(stream);
    stream.members.push(...part.members);
    for (const { name } of part.members) names.set(name, stream.members[0]?.name ?? name);
  }
  return names;
}

interface Part {
  readonly origin: string | undefined;
  readonly members: UnnamedFile[];
}

/** Files that share requests, together: those of several files first, for the others fill their gaps. */
function partsOf(files: readonly UnnamedFile[]): Part[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const byRequest = new Map<string, string[]>();
  for (const { name, requestIds } of files) {
    for (const id of requestIds) getOrCreate(byRequest, id, () => []).push(name);
  }
  const shared = [...byRequest].filter(([, members]) => members.length > 1);
  const alone = files.map(({ name }) => ({ key: name, members: [name] }));
  return groupsOf([...alone, ...shared.map(([key, members]) => ({ key, members }))])
    .map(({ members }) => members.flatMap((name) => byName.get(name) ?? []))
    .map((members) => ({ members, origin: members.find(({ origin }) => origin !== undefined)?.origin }))
    .sort((a, b) => Number(b.members.length > 1) - Number(a.members.length > 1) || firstMs(a) - firstMs(b));
}

/** True when no file of one was written while a file of the other was. */
const isApart = (a: Part, b: Part): boolean =>
  a.members.every((one) => b.members.every((two) => one.lastMs <= two.firstMs || two.lastMs <= one.firstMs));

/** The stream that was last written to before the part begins; failing that, any. */
function nearest(part: Part, streams: readonly Part[]): Part | undefined {
  const waitMs = ({ members }: Part) => {
    const waits = members.map(({ lastMs }) => firstMs(part) - lastMs).filter((wait) => wait >= 0);
    return Math.min(...waits, Number.MAX_VALUE);
  };
  return streams.toSorted((a, b) => waitMs(a) - waitMs(b))[0];
}

const firstMs = ({ members }: Part): number => Math.min(...members.map((one) => one.firstMs));
