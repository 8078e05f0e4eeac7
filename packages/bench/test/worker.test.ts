import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { benchOptions } from "../src/scenarios.js";
import { compiledGenerator } from "./compiled.js";

let generator: ReturnType<typeof compiledGenerator>;

beforeAll(() => {
  generator = compiledGenerator();
});

afterAll(() => generator.remove());

describe("a process of the generator", () => {
  it("answers calls, and ends by itself when it is let go", async () => {
    const worker = fork(join(generator.folder, "worker.js"), [], { serialization: "advanced" });
    const options = benchOptions("connect", { port: 1, count: 1 });
    worker.send({ method: "create", args: [options, { index: 0, of: 1 }] });
    worker.send({ method: "connect", args: [] });
    const [reply] = await once(worker, "message");
    expect(reply).toEqual({ error: expect.stringContaining("ECONNREFUSED") });
    worker.disconnect();
    expect(await once(worker, "exit")).toEqual([0, null]);
  });
});
