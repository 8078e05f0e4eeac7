import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where the browser is; `undefined`: there is none. */
export const CHROMIUM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find(existsSync);

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];

/** Starts the browser, without a window. */
export function launched(): Promise<Browser> {
  return chromium.launch({
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    ...{ args: FLAGS, headless: true },
  });
}
