import { appendFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { FileEvent } from "../../../files/log-event.ts";
import { type Bytes, findLogFiles, type LogFile } from "../../../files/log-file.ts";
import { type FileReport, readEvents } from "../../../files/read-events.ts";
import { removeTemporaryFiles, temporaryFiles } from "../../support/temporary-files.ts";

afterEach(removeTemporaryFiles);

const TEXT = Array.from(
  { length: 2000 },
  (_, n) => `2026-11-23T12:00:00.${String(n % 1000).padStart(3, "0")}Z line ${n} ${(n * 7919) % 1009}\n`,
).join("");
const none = (): Bytes => Readable.from([]);

const memoryFile = (bytes: Uint8Array | string, piece = 1000): LogFile => {
  const whole = Buffer.from(bytes);
  const pieces = Array.from({ length: Math.ceil(whole.length / piece) }, (_, n) =>
    whole.subarray(n * piece, (n + 1) * piece),
  );
  return { name: "memory", sizeBytes: whole.length, logStream: null, open: () => Readable.from(pieces) };
};

async function read(file: LogFile): Promise<FileReport & { readonly all: FileEvent[] }> {
  const all: FileEvent[] = [];
  const pages = readEvents(file);
  for (;;) {
    const page = await pages.next();
    if (page.done === true) return { ...page.value, all };
    all.push(...page.value);
  }
}

describe("bytes", () => {
  test.each([
    { name: "plain", bytes: Buffer.from(TEXT) },
    { name: "gzipped", bytes: gzipSync(TEXT) },
    { name: "gzipped twice", bytes: gzipSync(gzipSync(TEXT)) },
    {
      name: "two gzip files put together",
      bytes: Buffer.concat([gzipSync(TEXT.slice(0, 9000)), gzipSync(TEXT.slice(9000))]),
    },
    { name: "with a byte order mark", bytes: Buffer.from(`\uFEFF${TEXT}`) },
    { name: "UTF-16, as PowerShell writes it", bytes: Buffer.from(`\uFEFF${TEXT}`, "utf16le") },
  ])("$name, whatever the name says", async ({ bytes }) => {
    for (const piece of [3, 1000, 1_000_000]) {
      const { events, unreadable, problem, all } = await read(memoryFile(bytes, piece));
      expect({ events, unreadable, problem }).toEqual({
        events: 2000,
        unreadable: { count: 0, firstLines: [] },
        problem: undefined,
      });
      expect(all.at(-1)?.message).toBe(`line 1999 ${(1999 * 7919) % 1009}`);
    }
  });

  test("letters of several bytes survive a cut between them", async () => {
    const { all } = await read(memoryFile("2026-11-23T12:00:00.000Z ä€😀\n", 1));
    expect(all.map(({ message }) => message)).toEqual(["ä€😀"]);
  });

  test("a gzip file that is cut off is read up to the cut", async () => {
    const packed = gzipSync(TEXT);
    const { events, problem } = await read(memoryFile(packed.subarray(0, packed.length - 2000)));
    expect(problem).toBe("the gzip data ends too soon; what comes before the cut was read");
    expect(events).toBeGreaterThan(1000);
    expect(events).toBeLessThan(2000);
  });

  test("a gzip file that is damaged is read up to the damage", async () => {
    const packed = Buffer.from(gzipSync(TEXT));
    packed.fill(0xff, packed.length - 1000);
    const { events, problem } = await read(memoryFile(packed));
    expect(problem).toBe("the gzip data is damaged; what comes before the damage was read");
    expect(events).toBeGreaterThan(1000);
  });

  test.each([
    {
      name: "ZIP",
      bytes: Buffer.from("PK\u0003\u0004rest of it"),
      problem: "it is a ZIP archive; unpack it first",
    },
    {
      name: "bzip2",
      bytes: Buffer.from("BZh91AY&SY"),
      problem: "it is compressed with bzip2; unpack it first",
    },
    {
      name: "another text",
      bytes: Buffer.from("hello\n"),
      problem: /^no log event was recognised; expected an export to S3, .* gzipped$/,
    },
    {
      name: "JSON of something else",
      bytes: Buffer.from('{"a":1}'),
      problem: /^no log event was recognised/,
    },
    {
      name: "a long text of another kind",
      bytes: Buffer.from("hello\n".repeat(200_000)),
      problem: /^no log event/,
    },
  ])("$name is a sentence", async ({ bytes, problem }) => {
    const report = await read(memoryFile(bytes, 65_536));
    expect(report.events).toBe(0);
    expect(report.problem).toEqual(typeof problem === "string" ? problem : expect.stringMatching(problem));
  });

  test.each(["", '{"events":[],"nextForwardToken":"f/1"}', "[]"])(
    "nothing in %j is no problem",
    async (text) => {
      expect(await read(memoryFile(text))).toMatchObject({ events: 0, problem: undefined });
    },
  );

  test("what cannot be read further is a sentence too, and the rest counts", async () => {
    const broken: LogFile = {
      ...memoryFile(""),
      async *open() {
        yield Buffer.from(`${TEXT.slice(0, 60_000)}`);
        throw new Error("input/output error");
      },
    };
    const { events, problem } = await read(broken);
    expect(problem).toBe("input/output error");
    expect(events).toBeGreaterThan(1000);
  });
});

describe("findLogFiles", () => {
  const content = "2026-11-23T12:00:00.000Z a\n";
  const folder = () =>
    temporaryFiles({
      "export/aws-logs-write-test": "Permission Check Successful",
      "export/task/2026-11-23-[$LATEST]0123456789abcdef0123456789abcdef/000000.gz": gzipSync(content),
      "export/task/2026-11-23-orders[$LATEST]0123456789abcdef0123456789abcdef/000000.gz": gzipSync(content),
      "other/b.log": content,
      "other/a.log": content,
      "other/.hidden": content,
    });

  test("takes folders apart, and knows the streams of an export to S3", async () => {
    const root = folder();
    const files = await findLogFiles([join(root, "export"), join(root, "other")], none);
    expect(files.map(({ name, logStream }) => [name.slice(root.length), logStream])).toEqual([
      [
        "/export/task/2026-11-23-[$LATEST]0123456789abcdef0123456789abcdef/000000.gz",
        "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
      ],
      [
        "/export/task/2026-11-23-orders[$LATEST]0123456789abcdef0123456789abcdef/000000.gz",
        "2026/11/23/orders[$LATEST]0123456789abcdef0123456789abcdef",
      ],
      ["/other/a.log", null],
      ["/other/b.log", null],
    ]);
  });

  test("a file that is named twice is read once", async () => {
    const root = folder();
    symlinkSync(join(root, "other/a.log"), join(root, "link.log"));
    const names = [join(root, "other/a.log"), join(root, "other"), join(root, "link.log")];
    expect((await findLogFiles(names, none)).map(({ name }) => name)).toEqual([
      join(root, "other/a.log"),
      join(root, "other/b.log"),
    ]);
  });

  test("a broken link in a folder hides nothing, and a folder inside itself ends", async () => {
    const root = folder();
    symlinkSync(join(root, "nowhere"), join(root, "other/broken.log"));
    symlinkSync(root, join(root, "other/loop"));
    const files = await findLogFiles([join(root, "other")], none);
    const reports = await Promise.all(
      files.map(async (file) => [file.name.slice(root.length), await read(file)] as const),
    );
    expect(reports.map(([name, { events, problem }]) => [name, events, problem])).toEqual([
      ["/other/a.log", 1, undefined],
      ["/other/b.log", 1, undefined],
      ["/other/broken.log", 0, expect.stringMatching(/^ENOENT/)],
      ...["", "orders"].map((name) => [
        `/other/loop/export/task/2026-11-23-${name}[$LATEST]0123456789abcdef0123456789abcdef/000000.gz`,
        1,
        undefined,
      ]),
    ]);
  });

  test("what is piped in can be read again and again, gzipped or not", async () => {
    for (const bytes of [Buffer.from(TEXT), gzipSync(TEXT)]) {
      const [file] = await findLogFiles(["-"], () => Readable.from([bytes]));
      if (file === undefined) throw new Error("expected a file");
      expect([file.name, (await read(file)).events, (await read(file)).events]).toEqual([
        "stdin",
        2000,
        2000,
      ]);
    }
  });

  test("a name that leads nowhere is a usage error", async () => {
    await expect(findLogFiles(["/nowhere/x.log"], none)).rejects.toThrow(
      expect.objectContaining({
        name: "ConfigError",
        message: "cannot read /nowhere/x.log: no such file or folder",
      }),
    );
  });

  test("files are opened when they are read, not before", async () => {
    const root = temporaryFiles({ "a.log": content });
    const [file] = await findLogFiles([join(root, "a.log")], none);
    appendFileSync(join(root, "a.log"), content);
    if (file === undefined) throw new Error("expected a file");
    expect((await read(file)).events).toBe(2);
    writeFileSync(join(root, "a.log"), "");
    expect((await read(file)).events).toBe(0);
  });
});
