import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { StandInConfig } from "../../src/server/stand-in.js";

const built = fileURLToPath(new URL("../../dist/server/stand-in-main.js", import.meta.url));
const CLUSTER: StandInConfig["cluster"] = {
  ...{ servers: ["nats://127.0.0.1:1"], name: "beeline", credentials: undefined, nodeName: "a" },
  ...{ onEngineLoss: "close", tls: undefined },
};
const CONFIG: StandInConfig = {
  ...{ broker: {}, listeners: [], store: { path: "/nobody/opens/that" }, by: "b" },
  cluster: CLUSTER,
};

let child: ChildProcess;
afterEach(() => child?.kill("SIGKILL"));

function begun(): ChildProcess {
  const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
  child = fork(built, [], { serialization: "advanced", stdio: [...stdio] });
  return child;
}

/** What it does with NATS is in `nats/durable-node.slow`. */
describe("[M35] the process that stands in", () => {
  it("is begun by the name that it has", () => {
    const source = (name: string): string =>
      fileURLToPath(new URL(`../../src/server/${name}`, import.meta.url));
    expect(existsSync(source("stand-in-main.ts"))).toBe(true);
    expect(readFileSync(source("standing-in.ts"), "utf8")).toContain('"./stand-in-main.js"');
  });

  it("says why it cannot, and ends", async () => {
    begun().send({ ...CONFIG, cluster: { ...CLUSTER, credentials: "/nobody/has/that" } });
    const exit = once(child, "exit");
    const [news] = await once(child, "message");
    expect(news).toEqual({ failure: expect.stringContaining("/nobody/has/that") });
    expect(await exit).toEqual([0, null]);
  });

  it("ends with its server, and not by what a terminal sends to all", async () => {
    const nats = createServer().listen(0, "127.0.0.1");
    await once(nats, "listening");
    const { port } = nats.address() as AddressInfo;
    const reached = once(nats, "connection");
    begun().send({ ...CONFIG, cluster: { ...CLUSTER, servers: [`nats://127.0.0.1:${port}`] } });
    const [socket] = await reached; // it is at work: this server says nothing
    const exit = once(child, "exit");
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) child.kill(signal);
    child.disconnect(); // the channel that its server's end would close
    expect(await exit).toEqual([1, null]);
    socket.destroy();
    nats.close();
  });
});
