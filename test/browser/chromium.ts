// A real Chromium, where one is installed: nothing is downloaded.
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** As the distributions name it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

export interface Chromium {
  readonly executablePath: string;
  /** "Chromium 156.0.8078.108 …", as it says itself. */
  readonly version: string;
}

/** The first on the PATH that starts; undefined where there is none. */
export function findChromium(): Chromium | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const executablePath of candidates.filter(isExecutable)) {
    try {
      const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
      const said = execFileSync(executablePath, ["--version"], { encoding: "utf8", stdio });
      return { executablePath, version: said.trim() };
    } catch {
      // A stub that asks for another package, for example.
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Chromium's sandbox refuses to start for root. */
export const launch = ({ executablePath }: Pick<Chromium, "executablePath">): Promise<Browser> =>
  chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
