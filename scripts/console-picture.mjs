/**
 * `node scripts/console-picture.mjs [MINUTES] [FILE]`: the picture of the console in docs/watching.md. It shows what
 * the page shows after a quarter of an hour with devices that come and go, and with whom somebody talks.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import mqtt from "mqtt";
import { chromium } from "playwright-core";
import { root } from "./prepare.mjs";

const [minutes = "15", file = join(root, "bench/results/console/overview-watched.png")] =
  process.argv.slice(2);
const STEP_MS = 100;
const DEVICES_MAX = 60;

const folder = mkdtempSync(join(tmpdir(), "console-picture-"));
const command = join(root, "dist", "cli", "main.js");
const flags = ["--port", "0", "--admin-port", "0", "--data-dir", folder, "--quiet"];
const server = spawn(process.execPath, [command, "start", ...flags], {
  stdio: ["ignore", "pipe", "inherit"],
});
let said = "";
server.stdout.on("data", (text) => {
  said += text;
});
while (!said.includes("console at")) await once(server.stdout, "data");
const url = /mqtt:\/\/\S+/.exec(said)?.[0] ?? "";
const consoleUrl = /console at (http:\S+\/)/.exec(said)?.[1] ?? "";

const devices = [];
const operator = await connected("operator");
await operator.subscribeAsync("plant/+/temperature", { qos: 1 });
const screen = await connected("screen");
await screen.subscribeAsync("plant/#");
const endMs = Date.now() + Number(minutes) * 60_000;
let picture;
let isTaken = false;
for (let step = 0; !isTaken; step += 1) {
  await Promise.all([comeAndGo(step), talk(step), pause(STEP_MS)]);
  if (Date.now() < endMs || picture !== undefined) continue;
  picture = takePicture().then(() => {
    isTaken = true; // all goes on meanwhile
  });
}
for (const client of [operator, screen, ...devices]) client.end(true);
server.kill();
await once(server, "exit");
rmSync(folder, { recursive: true });

function connected(clientId) {
  return mqtt.connectAsync(url, { clientId, clean: false, reconnectPeriod: 0 });
}

/** How much of the most there is now: two waves, so that no minute is like the one before. */
function wave(step, secondsLong) {
  const turns = (step * STEP_MS) / 1_000 / secondsLong;
  return 0.55 + 0.3 * Math.sin(2 * Math.PI * turns) + 0.15 * Math.sin(2 * Math.PI * 3.7 * turns);
}

async function comeAndGo(step) {
  const wanted = Math.round(DEVICES_MAX * wave(step, 420));
  if (devices.length < wanted) devices.push(await connected(`device-${devices.length}`));
  else if (devices.length > wanted) await devices.pop().endAsync();
}

async function talk(step) {
  const count = Math.round(12 * wave(step, 240) * Math.random());
  for (let turn = 0; turn < count; turn += 1) {
    const at = Math.floor(Math.random() * devices.length);
    const payload = (18 + 6 * Math.random()).toFixed(2);
    devices[at]?.publish(`plant/${at}/temperature`, payload, { qos: 1, retain: true });
    const to = Math.floor(Math.random() * DEVICES_MAX * 1.05); // a few of them were never here
    if (turn % 3 === 0) operator.publish(`plant/p2p/device-${to}`, "report", { qos: 1 });
  }
}

async function takePicture() {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
  await page.goto(consoleUrl);
  await page.getByLabel("Admin token").fill(readFileSync(join(folder, "admin-token"), "utf8"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Event loop lag").waitFor();
  await page.locator("canvas").first().waitFor();
  await pause(1_000); // charts are drawn
  await page.screenshot({ path: file });
  await browser.close();
}
