import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StandInConfig } from "../../src/server/stand-in.js";
import { StandingIn } from "../../src/server/standing-in.js";

/** A process that a test is instead. */
class Child extends EventEmitter {
  pid: number | undefined = 1;
  readonly got: StandInConfig[] = [];
  readonly signals: string[] = [];

  send(config: StandInConfig, done: () => void): void {
    if (this.pid === undefined) throw new TypeError("child.send is not a function"); // as it is then
    this.got.push(structuredClone(config)); // as it goes from process to process
    done();
  }

  kill(signal: string): void {
    this.signals.push(signal);
    this.emit("exit");
  }
}

const NAME = "node/1"; // no name of a folder
const CLUSTER = { servers: ["nats://127.0.0.1:1"], name: "beeline", credentials: undefined };
let path: string;
let children: Child[];
let lines: string[];
let one: StandingIn;
/** What begins a process. */
let begin: () => unknown;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-standing-"));
  children = [];
  lines = [];
  begin = () => {
    children.push(new Child());
    return children.at(-1);
  };
  one = new StandingIn(
    {
      ...{ broker: { limits: { packetBytesMax: 5_000 } }, listeners: [], store: { path } },
      cluster: { ...CLUSTER, tls: undefined, nodeName: "b", onEngineLoss: "serve-local" },
    },
    { warn: (line) => void lines.push(line) },
    () => begin() as ChildProcess,
  );
});
afterEach(() => rmSync(path, { recursive: true }));

const child = (): Child => children.at(-1) as Child;

describe("[M35] a server that stands in for nodes that are gone", () => {
  it("has a process for each, of that name, over a folder of its own that is gone afterwards", async () => {
    const done = one.standIn(NAME);
    const { cluster, store, by, broker } = child().got[0] as StandInConfig;
    expect(cluster).toMatchObject({ nodeName: NAME, onEngineLoss: "close", name: "beeline" });
    expect([by, broker.limits?.packetBytesMax]).toEqual(["b", 5_000]);
    expect(store.path.startsWith(join(path, "adopted"))).toBe(true);
    mkdirSync(store.path, { recursive: true });
    child().emit("message", { level: "warn", text: "slow", fields: {} });
    child().emit("message", { level: "error", text: "nobody wants that", fields: {} });
    child().emit("message", { failure: undefined });
    child().emit("exit");
    await done;
    expect(lines).toEqual([`in place of node ${NAME}: slow`]);
    expect(existsSync(store.path)).toBe(false);
  });

  it("begins with an empty folder, whatever one before has left", async () => {
    const done = one.standIn(NAME);
    const { store } = child().got[0] as StandInConfig;
    mkdirSync(store.path, { recursive: true });
    writeFileSync(join(store.path, "data.mdb"), "old");
    const again = one.standIn(NAME);
    expect(existsSync(store.path)).toBe(false);
    for (const { got } of children) expect(got).toHaveLength(1);
    for (const each of children) each.emit("message", { failure: undefined });
    for (const each of children) each.emit("exit");
    await Promise.all([done, again]);
  });

  it.each([
    ["it says why", (it: Child) => it.emit("message", { failure: "no store" }), "no store"],
    ["it dies", () => undefined, "has ended"],
  ])("has not done it when %s", async (_why, what, text) => {
    const done = one.standIn(NAME);
    what(child());
    child().emit("exit");
    await expect(done).rejects.toThrow(text);
  });

  it("has not done it when it dies half way, and leaves nothing of it", async () => {
    const done = one.standIn(NAME);
    const { store } = child().got[0] as StandInConfig;
    mkdirSync(store.path, { recursive: true });
    writeFileSync(join(store.path, "data.mdb"), "half");
    child().emit("message", { level: "warn", text: "slow", fields: {} });
    child().kill("SIGKILL"); // as the system does when there is no memory
    await expect(done).rejects.toThrow("has ended");
    expect(existsSync(store.path)).toBe(false);
    one.close(); // it is no longer one of those
    expect(child().signals).toEqual(["SIGKILL"]);
  });

  it("ends one that comes to no end", async () => {
    vi.useFakeTimers();
    const failed = expect(one.standIn(NAME)).rejects.toThrow("has ended");
    await vi.advanceTimersByTimeAsync(15 * 60_000 - 1);
    expect(child().signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(child().signals).toEqual(["SIGKILL"]);
    await failed;
    vi.useRealTimers();
  });

  it("says what the system says when it has no files left for a process", async () => {
    begin = () => {
      const none = Object.assign(new Child(), { pid: undefined });
      process.nextTick(() => none.emit("error", new Error("spawn EMFILE")));
      return none;
    };
    await expect(one.standIn(NAME)).rejects.toThrow("spawn EMFILE");
  });

  it("says why when its program is not there", async () => {
    begin = () =>
      fork("stand-in-main.js", [], {
        ...{ execPath: "/nobody/has/that/program", serialization: "advanced" },
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      });
    await expect(one.standIn(NAME)).rejects.toThrow("ENOENT");
  });

  it("has not done it when no process can be begun, nor when this server ends", async () => {
    const failing = one.standIn(NAME);
    Object.assign(child(), { pid: undefined });
    child().emit("error", new Error("no memory"));
    await expect(failing).rejects.toThrow("no memory");
    const cut = one.standIn("c");
    one.close();
    await expect(cut).rejects.toThrow("has ended");
    expect(child().signals).toEqual(["SIGKILL"]);
  });
});
