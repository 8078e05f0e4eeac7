import { describe, expect, it } from "vitest";
import { ConnectionWatch } from "../../src/nats/connection-watch.js";
import { FakeNats } from "./fake-nats.js";

function world() {
  const nats = new FakeNats();
  const lines: string[] = [];
  const line = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
  const logger = { info: line("info"), warn: line("warn"), error: line("error") };
  let backs = 0;
  const watch = new ConnectionWatch(nats.connection, logger, {
    text: (error) => `wrong: ${(error as Error).message}`,
    back: () => {
      backs += 1;
    },
  });
  return { nats, lines, watch, backs: () => backs };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("ConnectionWatch", () => {
  it("knows whether the connection stands, and says so in the log", async () => {
    const { nats, lines, watch, backs } = world();
    expect(watch.isConnected).toBe(true);
    nats.tell({ type: "staleConnection" });
    await settled();
    nats.tell({ type: "disconnect", server: "127.0.0.1:4222" });
    await settled();
    expect(watch.isConnected).toBe(false);
    nats.tell({ type: "disconnect", server: "127.0.0.1:4222" }); // for each attempt
    await settled();
    nats.server = "127.0.0.1:4223";
    nats.tell({ type: "reconnect", server: "127.0.0.1:4223" });
    await settled();
    expect(watch.isConnected).toBe(true);
    expect(watch.server).toBe("127.0.0.1:4223");
    expect(watch.reconnects).toBe(1);
    expect(backs()).toBe(1);
    expect(lines).toEqual([
      "info connected to NATS at 127.0.0.1:4222",
      "warn NATS at 127.0.0.1:4222 does not answer any more",
      "warn the connection to NATS at 127.0.0.1:4222 is gone: looking for another server",
      "info connected to NATS at 127.0.0.1:4223 again",
    ]);
  });

  it("says an error once, until it is connected again", async () => {
    const { nats, lines } = world();
    const error = new Error("Authorization Violation");
    for (let times = 0; times < 3; times += 1) {
      nats.tell({ type: "error", error });
      await settled();
    }
    expect(lines.slice(1)).toEqual(["error wrong: Authorization Violation"]);
    nats.tell({ type: "reconnect", server: "" });
    await settled();
    nats.tell({ type: "error", error });
    await settled();
    expect(lines.filter((line) => line.startsWith("error"))).toHaveLength(2);
  });

  it("tells that a server is about to stop, and nothing after a close", async () => {
    const { nats, lines, watch } = world();
    nats.tell({ type: "ldm", server: "" });
    await settled();
    expect(lines[1]).toBe("info NATS at 127.0.0.1:4222 is about to stop");
    nats.tell({ type: "ping", pendingPings: 1 });
    await settled();
    watch.close();
    nats.tell({ type: "disconnect", server: "" });
    await settled();
    expect(lines).toHaveLength(2);
  });
});
