import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEffective } from "../../../src/server/config/effective.js";
import { OPTIONS, type ServerOption } from "../../../src/server/option-table.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-effective-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function option(path: string): ServerOption {
  return OPTIONS.find((one) => one.path === path) as ServerOption; // of the table
}

function write(text: string): string {
  const file = join(folder, "own.yaml");
  writeFileSync(file, text);
  return file;
}

const none = new Map<ServerOption, unknown>();

describe("what holds", () => {
  it("is what the flag says, else the variable, else the file", async () => {
    const file = write(
      "port: 1\nlimits: {heldMax: 1, inFlightMax: 1}\nstore: {memory: true}\nmqtt31: false\n",
    );
    const { given, sources } = await readEffective({
      file,
      flags: new Map([[option("port"), 3]]),
      variables: { BEELINE_PORT: "2", BEELINE_LIMITS__HELD_MAX: "2", BEELINE_BRIDGES: "false" },
    });
    expect(given).toEqual({
      port: 3,
      limits: { heldMax: 2, inFlightMax: 1 },
      store: { memory: true },
      mqtt31: false,
      bridges: false,
    });
    expect(Object.fromEntries([...sources].map(([{ path }, source]) => [path, source]))).toEqual({
      port: { kind: "flag", name: "--port" },
      "limits.heldMax": { kind: "variable", name: "BEELINE_LIMITS__HELD_MAX" },
      "limits.inFlightMax": { kind: "file", name: `${file}:2:22` },
      "store.memory": { kind: "file", name: `${file}:3:9` },
      mqtt31: { kind: "file", name: `${file}:4:1` },
      bridges: { kind: "variable", name: "BEELINE_BRIDGES" },
    });
  });

  it("needs no file", async () => {
    expect(await readEffective({ file: undefined, flags: none, variables: {} })).toMatchObject({
      given: {},
      file: undefined,
    });
  });

  it("[M04] tells what is wrong in the file and in the variables, together", async () => {
    const read = readEffective({
      file: write("prot: 1\n"),
      flags: none,
      variables: { BEELINE_X: "" },
    });
    await expect(read).rejects.toMatchObject({ name: "ConfigError", problems: { length: 2 } });
  });

  it("[M04] a file that was named must be there", async () => {
    const file = join(folder, "missing.yaml");
    const read = readEffective({ file, flags: none, variables: {} });
    await expect(read).rejects.toThrow(`${file}: there is no such file`);
  });
});
