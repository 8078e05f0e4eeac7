import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledGenerator } from "./compiled.js";
import { StubBroker } from "./stub-broker.js";

let generator: ReturnType<typeof compiledGenerator>;

beforeAll(() => {
  generator = compiledGenerator();
});

afterAll(() => generator.remove());

/** Runs the generator as a user does; resolves when it has ended by itself. */
async function run(...args: string[]) {
  const child = spawn(process.execPath, [join(generator.folder, "main.js"), ...args]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

describe("the program", () => {
  it("ends by itself with exit code 0 after a run", async () => {
    const stub = await StubBroker.start();
    const { code, stdout, stderr } = await run(
      ...["pairs", "-c", "2", "-p", String(stub.port), "-d", "0.2", "-w", "0"],
    );
    await stub.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("messages/s");
  });

  it("ends with exit code 2 on wrong usage", async () => {
    const { code, stdout, stderr } = await run("pairs", "--qos", "7");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('--qos: "7" is not a whole number from 0 to 2');
  });
});
