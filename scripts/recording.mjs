/**
 * `node scripts/recording.mjs`: does what the README's recording shows, with the built command and Mosquitto's
 * clients, and draws docs/media/tour.svg from what they have printed.
 */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { recordingSvg } from "./recording-svg.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const recordingFile = join(root, "docs", "media", "tour.svg");
const MAIN = join(root, "dist", "cli", "main.js");
const WAIT_MS = 30_000;

/** The session, and when each command is typed. `stays`: it goes on, and this says that it is ready. */
const SCENES = [
  { pane: "server", atMs: 500, command: "beeline start", stays: /console at .*\n/ },
  { pane: "lamp", atMs: 2_600, command: "mosquitto_sub -i lamp-7 -t nothing -v", stays: /SUBACK/ },
  { pane: "all", atMs: 5_000, command: "mosquitto_sub -t '#' -v", stays: /SUBACK/ },
  {
    pane: "sender",
    atMs: 7_000,
    command: "mosquitto_pub -t home/p2p/lamp-7 -q 1 -m on",
    tells: "lamp",
  },
  {
    pane: "sender",
    atMs: 11_000,
    command: "mosquitto_pub -t home/hall -q 1 -m dark",
    tells: "all",
  },
  {
    pane: "sender",
    atMs: 14_500,
    command: "beeline ctl send lamp-7 off --parent home",
    tells: "lamp",
  },
];

/** Plays the session for real. @returns each scene with what it made its own pane and others print. */
export async function played() {
  const folder = mkdtempSync(join(tmpdir(), "beeline-tour-"));
  const [port, adminPort] = [await freePort(), await freePort()];
  const terminals = new Map();
  const shell = `
    beeline() {
      if [ "$1" = ctl ]; then shift; set -- ctl --url http://127.0.0.1:${adminPort} "$@"; fi
      BEELINE_PORT=${port} BEELINE_ADMIN__PORT=${adminPort} exec node ${MAIN} "$@"
    }
    mosquitto_sub() { exec stdbuf -oL mosquitto_sub -d -p ${port} "$@"; }
    mosquitto_pub() { exec mosquitto_pub -p ${port} "$@"; }
  `;
  const asWritten = (text) =>
    text
      .replaceAll(`${folder}/`, "")
      .replaceAll(`:${port}`, ":1883")
      .replaceAll(`:${adminPort}`, ":18083");
  try {
    const scenes = [];
    for (const scene of SCENES) {
      const { pane, command, stays, tells } = scene;
      if (stays !== undefined) {
        const terminal = new Terminal(shell + command, folder);
        terminals.set(pane, terminal);
        await terminal.says(stays);
        const own = pane === "server" ? lines(asWritten(terminal.taken())) : [];
        terminal.taken();
        scenes.push({ ...scene, prints: { [pane]: own } });
        continue;
      }
      const { stdout } = await promisify(execFile)("bash", ["-c", shell + command], {
        cwd: folder,
      });
      await terminals.get(tells).says(/^home\/.*\n/m);
      const told = lines(terminals.get(tells).taken()).filter((line) => line.startsWith("home/"));
      scenes.push({ ...scene, prints: { [pane]: lines(stdout), [tells]: told } });
    }
    // Whom nobody meant has heard nothing.
    for (const pane of ["lamp", "all"]) {
      const more = lines(terminals.get(pane).taken()).filter((line) => line.startsWith("home/"));
      if (more.length > 0) throw new Error(`${pane} has heard ${more}, too`);
    }
    return scenes;
  } finally {
    await Promise.all([...terminals.values()].map((terminal) => terminal.end()));
    rmSync(folder, { recursive: true });
  }
}

/** A command that goes on, and what it has said that nobody has taken yet. */
class Terminal {
  #child;
  #said = "";
  #ended;
  #onSaid = () => {};

  constructor(command, cwd) {
    this.#child = spawn("bash", ["-c", command], { cwd, stdio: ["ignore", "pipe", "ignore"] });
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdout.setEncoding("utf8").on("data", (text) => {
      this.#said += text;
      this.#onSaid();
    });
  }

  says(pattern) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${pattern} in: ${this.#said}`)), WAIT_MS);
      this.#onSaid = () => {
        if (!pattern.test(this.#said)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#onSaid();
    });
  }

  taken() {
    const said = this.#said;
    this.#said = "";
    return said;
  }

  end() {
    this.#child.kill();
    return this.#ended;
  }
}

function lines(text) {
  return text.split("\n").filter((line) => line !== "");
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dirname(recordingFile), { recursive: true });
  writeFileSync(recordingFile, recordingSvg(await played()));
}
