/**
 * The samples, what each of them needs, and the command that its README gives.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Debian's Python has Debian's paho, whatever other Python is installed. */
const DEBIAN_FIRST = { ...process.env, PATH: `/usr/bin:${process.env.PATH}` };
const OPEN_PAGE = " && xdg-open p2p.html";

export const SAMPLES = [
  {
    name: "c",
    title: "C",
    missing: () =>
      lacks("cc", "--version") ??
      lacksHeader("MQTTClient.h", "libpaho-mqtt-dev") ??
      lacksHeader("openssl/hmac.h", "libssl-dev"),
  },
  {
    name: "java",
    title: "Java",
    missing: () => lacks("javac", "-version") ?? lacks("mvn", "--version"),
  },
  { name: "node", title: "Node", missing: () => lacks("npm", "--version") },
  {
    name: "browser",
    title: "a browser",
    missing: () =>
      lacks("npm", "--version") ??
      (chromium() === undefined ? "Chromium is not installed" : undefined),
  },
  {
    name: "python",
    title: "Python",
    env: DEBIAN_FIRST,
    missing: () => lacksIn(DEBIAN_FIRST, "python3", "-c", "import paho.mqtt.client"),
  },
  {
    name: "php",
    title: "PHP",
    missing: () => lacks("php", "-r", "FFI::cdef('', 'libmosquitto.so.1');"),
  },
  { name: "go", title: "Go", missing: () => lacks("go", "version") },
  { name: "dotnet", title: ".NET", missing: () => lacks("dotnet", "--version") },
];

/** How a sample is run: its folder, its variables, the command of its README, and the page that this opens, if any. */
export function recipeOf({ name, env = process.env }) {
  const folder = join(here, name);
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const command = /^```sh\n(.*)\n```$/m.exec(readme)?.[1];
  if (command === undefined) throw new Error(`samples/${name}/README.md has no command`);
  const opensPage = command.endsWith(OPEN_PAGE);
  return {
    folder,
    env,
    command: opensPage ? command.slice(0, -OPEN_PAGE.length) : command,
    page: opensPage ? join(folder, "p2p.html") : undefined,
  };
}

export function chromium() {
  return CHROMIUM.find(existsSync);
}

/** @returns what is missing, in words; `undefined` when the program runs and is content. */
function lacks(program, ...args) {
  return lacksIn(process.env, program, ...args);
}

function lacksIn(env, program, ...args) {
  const options = { env, stdio: "ignore", timeout: 60_000 };
  const { error, status } = spawnSync(program, args, options);
  if (error !== undefined) return `${program} is not installed`;
  return status === 0 ? undefined : `a part is not installed: ${program} ${args.join(" ")}`;
}

function lacksHeader(header, debianPackage) {
  const options = { input: `#include <${header}>\n`, stdio: ["pipe", "ignore", "ignore"] };
  const { status } = spawnSync("cc", ["-E", "-x", "c", "-"], options);
  return status === 0 ? undefined : `${header} is not installed (Debian: ${debianPackage})`;
}
