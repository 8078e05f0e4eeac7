import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Child } from "../server/child.js";
import { freePort } from "../support/free-ports.js";
import { canRun, type Running, run } from "./stock-server.js";

const isMissing = ["mosquitto", "mosquitto_pub", "mosquitto_sub"].some(
  (program) => !canRun(program, "--help"),
);

const folder = mkdtempSync(join(tmpdir(), "beeline-bridge-"));
const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const it of running.splice(0).reverse()) await it.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Mosquitto with a bridge to Beeline, as its manual shows it: three lines. */
class Mosquitto {
  readonly port: number;
  readonly #process: ChildProcess;
  #log = "";
  #onLog: () => void = () => undefined;

  constructor(port: number, beelinePort: number, bridge: readonly string[]) {
    this.port = port;
    const file = join(folder, `${port}.conf`);
    const lines = [
      ...[`listener ${port} 127.0.0.1`, "allow_anonymous true"],
      ...["connection beeline", `address 127.0.0.1:${beelinePort}`, ...bridge],
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    this.#process = spawn("mosquitto", ["-v", "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
      this.#onLog();
    });
    running.push(this);
  }

  /** How many lines of its log match. */
  count(pattern: RegExp): number {
    return this.#log.split("\n").filter((line) => pattern.test(line)).length;
  }

  /** Resolves when a line of its log matches. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.once("exit", () => reject(new Error(`mosquitto ended: ${this.#log}`)));
      this.#onLog = () => {
        if (pattern.test(this.#log)) resolve();
      };
      this.#onLog();
    });
  }

  stop(): Promise<unknown> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      return Promise.resolve();
    }
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    return ended;
  }
}

/** A server that keeps its state in a folder of its own, always at the same port. */
async function beeline(port: number): Promise<Child> {
  const dataDir = join(folder, `data-${port}`);
  const child = new Child("start", "--port", `${port}`, "--data-dir", dataDir);
  running.push({
    stop: () => {
      child.signal("SIGTERM");
      return child.ended;
    },
  });
  await child.listening();
  return child;
}

/** Subscribed to a filter until `count` messages have come. */
async function watcher(port: number, topicFilter: string, count: number): Promise<Running> {
  const all = ["-d", "-p", `${port}`, "-q", "2", "-t", topicFilter, "-F", "> %t %q %r %p"];
  const watching = run("stdbuf", ["-oL", "mosquitto_sub", ...all, "-C", `${count}`]);
  await watching.until(/Subscribed/);
  return watching;
}

async function publish(port: number, topicName: string, text: string, ...more: string[]) {
  const args = ["-p", `${port}`, "-t", topicName, "-m", text, ...more];
  const { code, err } = await run("mosquitto_pub", args).ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
}

async function messagesOf(watching: Running): Promise<string[]> {
  const { out } = await watching.ended;
  return out.split("\n").filter((line) => line.startsWith("> "));
}

describe.skipIf(isMissing)("[B13] a stock Mosquitto bridge (Debian's mosquitto)", () => {
  let port = 0;
  let bridgePort = 0;
  beforeEach(async () => {
    port = await freePort();
    bridgePort = await freePort();
  });

  /** Publishes on both sides at every QoS; then a message there and one back, behind all others. */
  async function exchange(granted: number, mosquitto: Mosquitto): Promise<void> {
    await mosquitto.until(/Received SUBACK from local\.\S+/);
    const ours = await watcher(port, "#", 8);
    const theirs = await watcher(bridgePort, "#", 8);
    for (const qos of ["0", "1", "2"]) {
      await publish(bridgePort, "from/mosquitto", qos, "-q", qos);
      await ours.until(new RegExp(`from/mosquitto . . ${qos}`));
    }
    for (const qos of ["0", "1", "2"]) {
      await publish(port, "from/beeline", qos, "-q", qos);
      await theirs.until(new RegExp(`from/beeline . . ${qos}`));
    }
    await publish(bridgePort, "there", "x", "-q", "1");
    await ours.until(/> there/);
    await publish(port, "back", "x", "-q", "1");
    const lines = (topicName: string, own: boolean) =>
      [0, 1, 2].map((qos) => `> ${topicName} ${own ? qos : Math.min(qos, granted)} 0 ${qos}`);
    const last = Math.min(1, granted);
    expect(await messagesOf(ours)).toEqual([
      ...lines("from/mosquitto", false),
      ...lines("from/beeline", true),
      ...[`> there ${last} 0 x`, "> back 1 0 x"],
    ]);
    expect(await messagesOf(theirs)).toEqual([
      ...lines("from/mosquitto", true),
      ...lines("from/beeline", false),
      ...["> there 1 0 x", `> back ${last} 0 x`],
    ]);
    expect(mosquitto.count(/sending CONNECT/)).toBe(1);
    expect(mosquitto.count(/refused|error/i)).toBe(0);
  }

  it.each([0, 1, 2])(
    "[M8] connects at the first try and carries messages both ways, each once: topic # both %i",
    async (qos) => {
      await beeline(port);
      await exchange(qos, new Mosquitto(bridgePort, port, [`topic # both ${qos}`]));
    },
    60_000,
  );

  it("[M27] does so at the level of MQTT 3.1 too", async () => {
    await beeline(port);
    const lines = ["topic # both 1", "bridge_protocol_version mqttv31", "remote_clientid old"];
    await exchange(1, new Mosquitto(bridgePort, port, lines));
  }, 60_000);

  it("[MQTT-3.3.1-5] keeps the same retained messages on both sides", async () => {
    await beeline(port);
    await publish(port, "kept/before", "ours", "-r");
    const mosquitto = new Mosquitto(bridgePort, port, ["topic # both 1"]);
    await mosquitto.until(/Received SUBACK from local\.\S+/);
    const live = await watcher(bridgePort, "kept/beeline", 1);
    await publish(port, "kept/beeline", "ours", "-r", "-q", "1");
    await live.ended;
    const other = await watcher(port, "kept/mosquitto", 1);
    await publish(bridgePort, "kept/mosquitto", "theirs", "-r", "-q", "1");
    await other.ended;
    for (const side of [port, bridgePort]) {
      const seen = await messagesOf(await watcher(side, "kept/#", 3));
      expect(seen.sort()).toEqual([
        "> kept/beeline 1 1 ours",
        "> kept/before 0 1 ours",
        "> kept/mosquitto 1 1 theirs",
      ]);
    }
  }, 60_000);

  it("heals when either side starts anew, and brings what came meanwhile", async () => {
    const lines = ["topic # both 1", "restart_timeout 1"];
    const first = await beeline(port);
    const before = new Mosquitto(bridgePort, port, lines);
    await before.until(/Received SUBACK from local\.\S+/);
    await before.stop();
    await publish(port, "while/mosquitto/was/away", "x", "-q", "1", "-r");
    const after = new Mosquitto(bridgePort, port, lines);
    await after.until(/Received SUBACK from local\.\S+/);
    const theirs = await watcher(bridgePort, "while/mosquitto/was/away", 1);
    expect((await messagesOf(theirs))[0]).toMatch(/^> while\/mosquitto\/was\/away 1 . x$/);

    first.signal("SIGTERM");
    await first.ended;
    await publish(bridgePort, "while/beeline/was/away", "y", "-q", "1", "-r");
    await beeline(port);
    const ours = await watcher(port, "while/beeline/was/away", 1);
    expect((await messagesOf(ours))[0]).toMatch(/^> while\/beeline\/was\/away 1 . y$/);
    const again = await watcher(bridgePort, "after/all", 1);
    await publish(port, "after/all", "z", "-q", "1");
    expect(await messagesOf(again)).toEqual(["> after/all 1 0 z"]);
  }, 90_000);
});
