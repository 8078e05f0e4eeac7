import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ORDER_VIOLATIONS, VIOLATIONS } from "../../src/protocol/errors.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const notes = readFileSync(join(root, "spec-notes", "codec.md"), "utf8");

function program(text: string): string {
  const blocks = [...notes.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code as string);
  const found = blocks.filter((code) => code.includes(text));
  expect(found).toHaveLength(1);
  return found[0] as string; // one, as the line above says
}

/** Runs a program of the notes with some lines behind it; the package is found by its name. */
async function output(code: string, ...lines: readonly string[]): Promise<string> {
  const args = ["--input-type=module", "--eval", [code, ...lines].join("\n")];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return stdout;
}

describe("the notes on the codec", () => {
  it("[MQTT-4.8.0-1] list every violation, as the code has it, and no other", () => {
    const rows = [...notes.matchAll(/^\| `([a-z0-9-]+)` \| (\S+) \| (.*) \|$/gm)];
    const listed = Object.fromEntries(rows.map(([, code, ...violation]) => [code, violation]));
    expect(listed).toEqual({ ...VIOLATIONS, ...ORDER_VIOLATIONS });
  });

  it("have a program for packets as objects that runs", async () => {
    const shown = await output(
      program("PacketStream"),
      "const show = (label) => (what) => console.log(label, String(what));",
      "onChunk(Uint8Array.of(0xc0, 0x00, 0xc0), show('sent'), show('hung up'));",
      "onChunk(Uint8Array.of(0x01, 0x00), show('sent'), show('hung up'));",
    );
    expect(shown).toMatch(/^sent 208,0\nhung up trailing-bytes: .+\[MQTT-4\.8\.0-1]\n$/);
  });

  it("have a program for reading in place that runs", async () => {
    const shown = await output(
      program("PacketReader"),
      "const packet = [0x32, 0x06, 0, 1, 0x61, 0, 7, 0x78];",
      "onChunk(Uint8Array.from(packet), (...what) => console.log(...what.map(String)));",
    );
    expect(shown).toBe("a 120 1\n");
  });

  it("keep their promise of ten lines", () => {
    for (const name of ["PacketStream", "PacketReader"]) {
      const lines = program(name).split("\n");
      expect(lines.filter((line) => line.trim() !== "}" && line !== "").length).toBeLessThan(11);
    }
  });
});
