import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where it is on this machine; undefined: nowhere. */
export const CHROMIUM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find(existsSync);

/** Its start, and what a test does in it, on a machine with other work. */
export const CHROMIUM_MS = 120_000;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
];

/** Starts it, with further flags; undefined where there is none. */
export async function startChromium(...flags: readonly string[]): Promise<Browser | undefined> {
  if (CHROMIUM === undefined) return undefined;
  const args = [...FLAGS, ...flags];
  return chromium.launch({ executablePath: CHROMIUM, args, headless: true });
}
