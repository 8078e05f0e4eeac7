import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, it } from "vitest";
import { addConfigFile, placeOf } from "../../src/cli/admin-place.js";
import { ConfigError } from "../../src/server/config/problem.js";

it("is read from the file that is named, whose names of files are meant from its folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "place-"));
  const file = join(folder, "b.yaml");
  const command = new Command();
  addConfigFile(command);
  command.parse(["-c", file], { from: "user" });
  writeFileSync(file, "admin: { port: 7 }\nstore: { dataDir: state }\n");
  expect(await placeOf(command)).toEqual({
    url: "http://127.0.0.1:7",
    tokenFile: join(folder, "state", "admin-token"),
  });
  writeFileSync(file, "admin: { prot: 7 }\n");
  await expect(placeOf(command)).rejects.toThrow(ConfigError);
  rmSync(folder, { recursive: true });
});
