import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compiledGenerator } from "../compiled.js";
import { StubBroker } from "../stub-broker.js";

it("ends by itself, with everything it started", async () => {
  const generator = compiledGenerator();
  const stub = await StubBroker.start();
  const args = ["--port", `${stub.port}`, "--only", "T5", "--scale", "0.002", "--seconds", "0.2"];
  const main = join(generator.folder, "attack", "main.js");
  const child = spawn(process.execPath, [main, ...args, "--json"]);
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  await once(child, "close");
  await stub.stop();
  generator.remove();
  expect(JSON.parse(stdout)).toMatchObject([{ name: "T5", canary: { lost: 0 } }]);
});
