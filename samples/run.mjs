/**
 * Runs all samples against a server that has been started, and prints a table:
 *
 *     npm start -- --ws-port 8083         in one terminal
 *     node samples/run.mjs                in another one
 *
 * `--only c,go` runs some of them. Each is run by the command of its README, with the variables that README.md
 * lists, but for MQTT_CLIENT_ID. The exit code is 0 when none has failed; one whose tools are missing is
 * skipped, and the table says what is missing.
 */
import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { chromium, recipeOf, SAMPLES } from "./samples.mjs";

/** The first run of a sample may have to fetch its library and to compile. */
const RUN_MS = 300_000;
const PAGE_MS = 60_000;
const { MQTT_HOST = "127.0.0.1", MQTT_PARENT = "demo" } = process.env;
const { MQTT_WS_URL = `ws://${MQTT_HOST}:8083` } = process.env;

const { values } = parseArgs({ options: { only: { type: "string" } } });
const rows = [];
for (const sample of samplesNamed(values.only?.split(","))) rows.push(await rowOf(sample));
printTable(rows);
process.exitCode = rows.some(({ result }) => result === "failed") ? 1 : 0;

function samplesNamed(names) {
  const unknown = (names ?? []).filter((name) => !SAMPLES.some((sample) => sample.name === name));
  if (unknown.length > 0) {
    const known = SAMPLES.map(({ name }) => name).join(", ");
    console.error(`--only: there is no sample ${unknown.join(", ")}. There are: ${known}`);
    process.exit(2);
  }
  return SAMPLES.filter(({ name }) => names === undefined || names.includes(name));
}

async function rowOf(sample) {
  const { name, title } = sample;
  const missing = sample.missing();
  if (missing !== undefined) return { name, result: "skipped", seconds: "", said: missing };
  const startMs = performance.now();
  const clientId = `GID_demo@@@${name}`;
  const expected = `${MQTT_PARENT}/p2p/${clientId}: hello from ${title}`;
  const said = await tried(recipeOf(sample), clientId);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  if (said.at(-1) === expected) return { name, result: "ok", seconds, said: expected };
  return { name, result: "failed", seconds, said: said.join(" | ") };
}

/** @returns the lines that the sample has printed, or that say what went wrong. */
async function tried({ folder, env, command, page }, clientId) {
  try {
    const printed = await sh(command, folder, { ...env, MQTT_CLIENT_ID: clientId });
    return page === undefined ? printed : [await inBrowser(page, clientId)];
  } catch (error) {
    return error.message.split("\n");
  }
}

/** Runs a command line. @returns the lines it prints. @throws Error with what it says when it fails. */
function sh(command, cwd, env) {
  const stdio = ["ignore", "pipe", "pipe"];
  const child = spawn(command, { cwd, env, timeout: RUN_MS, shell: true, stdio });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const text = code === 0 ? out : err + out;
      const said = stripVTControlCharacters(text).trim(); // Maven colours even what it does not say
      if (code === 0) resolve(said.split("\n"));
      else reject(new Error(`${command} ended with ${code ?? signal}: ${said}`));
    });
  });
}

/** Fills the page's form in and presses its button. @returns what the page then says. */
async function inBrowser(page, clientId) {
  const playwright = await import("playwright-core");
  const browser = await playwright.chromium.launch({
    executablePath: chromium(),
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const tab = await browser.newPage();
    await tab.goto(pathToFileURL(page).href);
    const { MQTT_ACCESS_KEY, MQTT_SECRET, MQTT_INSTANCE_ID } = process.env;
    const fields = {
      ...{ url: MQTT_WS_URL, parent: MQTT_PARENT, clientId },
      ...{ accessKey: MQTT_ACCESS_KEY, secret: MQTT_SECRET, instanceId: MQTT_INSTANCE_ID },
    };
    for (const [name, value = ""] of Object.entries(fields)) {
      await tab.fill(`[name=${name}]`, value);
    }
    await tab.click("button");
    const output = tab.locator("output", { hasText: /[^.\s]/ });
    await output.waitFor({ timeout: PAGE_MS });
    return await output.innerText();
  } finally {
    await browser.close();
  }
}

function printTable(rows) {
  const head = { name: "sample", result: "result", seconds: "seconds", said: "" };
  for (const { name, result, seconds, said } of [head, ...rows]) {
    const cells = [name.padEnd(8), result.padEnd(8), seconds.padStart(7), said];
    console.log(cells.join("  ").trimEnd());
  }
}
