import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compiledGenerator } from "../compiled.js";

it("answers calls, and ends when it is let go", async () => {
  const generator = compiledGenerator();
  const child = fork(join(generator.folder, "attack", "watch-process.js"));
  child.send({ method: "close", args: [] });
  const [reply] = await once(child, "message");
  expect(reply).toEqual({});
  child.disconnect();
  expect(await once(child, "exit")).toEqual([0, null]);
  generator.remove();
});
