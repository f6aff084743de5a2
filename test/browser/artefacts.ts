// Pictures of what the browser tests saw, for people.
import { join } from "node:path";
import type { Page } from "playwright-core";

/** Ignored by git. */
const FOLDER = join(import.meta.dirname, "../../test-artefacts/browser");

/** The whole page. @param name without an ending. */
export const savePicture = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
};
