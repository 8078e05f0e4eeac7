import { describe, expect, it } from "vitest";
import { Reloading } from "../../src/server/reloading.js";
import type { ServerConfig } from "../../src/server/start-server.js";

const config = (port: number): ServerConfig => ({
  listeners: [{ options: { type: "tcp", port }, chosenBy: "--port" }],
  store: undefined,
  broker: {},
});

/** A part that writes down what happens to it. */
function part(
  name: string,
  log: string[],
  prepare: (port: number) => void | Promise<void> = () => {},
) {
  return {
    async prepare({ listeners }: ServerConfig) {
      const port = Number(listeners[0]?.options.type === "tcp" && listeners[0].options.port);
      log.push(`${name} prepares ${port}`);
      await prepare(port);
      return () => void log.push(`${name} commits ${port}`);
    },
  };
}

describe("a reload", () => {
  it("has every part prepared before any commits", async () => {
    const log: string[] = [];
    const reloading = new Reloading<ServerConfig>();
    reloading.add(part("a", log));
    reloading.add({
      prepare: () => {
        log.push("b prepares");
        return () => void log.push("b commits");
      },
    });
    await reloading.reload(config(1));
    expect(log).toEqual(["a prepares 1", "b prepares", "a commits 1", "b commits"]);
  });

  it("commits nothing when one part cannot, and says why", async () => {
    const log: string[] = [];
    const reloading = new Reloading<ServerConfig>();
    reloading.add(part("a", log));
    reloading.add(part("b", log, () => Promise.reject(new Error("rules.yaml:3:1: no"))));
    reloading.add(part("c", log));
    await expect(reloading.reload(config(1))).rejects.toThrow("rules.yaml:3:1: no");
    expect(log).toEqual(["a prepares 1", "b prepares 1"]);
  });

  it("waits for the one before it, also when that fails", async () => {
    const log: string[] = [];
    const reloading = new Reloading<ServerConfig>();
    const later = withResolvers();
    reloading.add(part("a", log, (port) => (port === 1 ? later.promise : undefined)));
    const first = reloading.reload(config(1));
    const second = reloading.reload(config(2));
    later.reject(new Error("no"));
    await expect(first).rejects.toThrow("no");
    await second;
    expect(log).toEqual(["a prepares 1", "a prepares 2", "a commits 2"]);
  });
});

function withResolvers() {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((_, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}
