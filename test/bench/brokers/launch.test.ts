import { describe, expect, it } from "vitest";
import { gist, listening, start, stop } from "../../../bench/brokers/launch.js";
import { freePort } from "../../support/free-ports.js";

const ANYWHERE = { cpu: undefined, nice: 0 };

function node(script: string) {
  return start([process.execPath, "-e", script], ANYWHERE);
}

describe("a started server", () => {
  it("is waited for until it listens, and ends when it is told to", async () => {
    const port = await freePort();
    const server = node(`require("net").createServer().listen(${port}, "127.0.0.1")`);
    await listening(server, port);
    await stop(server);
    expect(server.child.signalCode).toBe("SIGTERM");
  });

  it("is made to end when it does not want to", { timeout: 10_000 }, async () => {
    const port = await freePort();
    const server = node(
      `process.on("SIGTERM", () => 0); require("net").createServer().listen(${port}, "127.0.0.1")`,
    );
    await listening(server, port);
    await stop(server);
    expect(server.child.signalCode).toBe("SIGKILL");
  });

  it("that fails is reported with its own words", async () => {
    const server = node(`throw new Error("no such thing")`);
    await expect(listening(server, 1)).rejects.toThrow(
      "the server does not listen on port 1: Error: no such thing",
    );
  });

  it("that does not exist is reported, too", async () => {
    const server = start(["no-such-program-anywhere"], ANYWHERE);
    await expect(listening(server, 1)).rejects.toThrow("ENOENT");
  });
});

describe("the gist of a complaint", () => {
  it("is the line with the error, else the last one", () => {
    expect(gist("at a\n  Error: bad\nat b\n\n")).toBe("Error: bad");
    expect(gist("one\ntwo\n\n")).toBe("two");
    expect(gist("")).toBe("it said nothing");
  });
});
