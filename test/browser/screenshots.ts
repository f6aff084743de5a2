// `npm exec -- node test/browser/screenshots.ts`: the README's pictures of the approval page, from a scan of the
// simulated account. Needs a Chromium; the same content each time.
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { createHandler } from "../../functions/approvals/handler.ts";
import { simulateRemediation } from "../support/simulated-remediation.ts";
import { findChromium, launch } from "./chromium.ts";
import { openVisit } from "./visit.ts";

const IMAGES = join(import.meta.dirname, "../../docs/images");
const SCREEN = { width: 390, height: 736 };
const GAP = 20;

/** The page from each of those elements on, a phone's screen at a time, side by side. */
async function saveScreens(
  browser: Browser,
  page: Page,
  from: readonly string[],
  name: string,
): Promise<void> {
  const screens: string[] = [];
  for (const selector of from) {
    await page.evaluate(`document.querySelector("${selector}").scrollIntoView()`);
    screens.push((await page.screenshot()).toString("base64"));
  }
  const width = screens.length * (SCREEN.width + GAP) + GAP;
  const viewport = { width, height: SCREEN.height + 2 * GAP };
  const sheet = await browser.newPage({ viewport });
  await sheet.setContent(`<style>
    body { margin: 0; padding: ${GAP}px; display: flex; gap: ${GAP}px; background: #fff }
    img { width: ${SCREEN.width}px; height: ${SCREEN.height}px; outline: 1px solid #c9c6bf; border-radius: 6px }
  </style>${screens.map((one) => `<img src="data:image/png;base64,${one}">`).join("")}`);
  await sheet.screenshot({ path: join(IMAGES, `${name}.png`) });
  await sheet.close();
}

const installed = findChromium();
if (installed === undefined) throw new Error("expected a Chromium on the PATH, got none");
const browser = await launch(installed);
const simulated = await simulateRemediation({ seed: 1, scenarios: ["visibility-expired"], hours: 6 });
try {
  await simulated.scan();
  const [mail] = await simulated.approvalMails();
  if (mail === undefined) throw new Error("expected a request for approval, got none");
  const handler = createHandler(simulated.settings, simulated.decidePorts);
  const { page, url, close } = await openVisit(browser, handler, { viewport: SCREEN });

  await page.goto(url + mail.linkId);
  await page.getByLabel("Code from the mail").fill("K7QF-3XWM");
  await page.locator(":focus").blur();
  await saveScreens(browser, page, ["body", "main h2", "#decision"], "approval-page");

  // Somebody is quicker, by hand.
  const [queue] = simulated.account.queues();
  simulated.account.setAttributes(queue?.url ?? "", { VisibilityTimeout: "45" });
  await page.goto(url + mail.linkId);
  await saveScreens(browser, page, ["body", "#decision"], "approval-page-changed");
  await close();
} finally {
  await simulated.close();
  await browser.close();
}
