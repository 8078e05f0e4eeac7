import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PacketReaderOptions } from "../../src/codec/index.js";

/**
 * Inputs that once told two decoders apart, or that are known to be tricky: one file each, hex with
 * `#` comments. A line `# options {…}` names the reader's options, a line `# verdict …` what is to be
 * found. The test suite replays them all.
 */
export interface SavedInput {
  readonly name: string;
  readonly stream: Uint8Array;
  readonly options: PacketReaderOptions;
  /** `<n> packets`, `<code> at <offset>` or `<n> bytes left`, where the file says it. */
  readonly verdict: string | undefined;
}

/** Every saved input of a folder, by name. */
export function readCorpus(folder: string): SavedInput[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".hex"))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      const digits = text.replace(/#.*/g, "").replace(/\s+/g, "");
      if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`${name} holds something but hex`);
      const options = /^# options (.+)$/m.exec(text)?.[1] ?? "{}";
      return {
        name,
        stream: Buffer.from(digits, "hex"),
        options: JSON.parse(options),
        verdict: /^# verdict (.+)$/m.exec(text)?.[1],
      };
    });
}

/**
 * Saves a failing input, so that the suite replays it from now on.
 *
 * @param fault - What went wrong, for the reader of the file.
 * @returns The file, named after its contents: saving twice makes one file.
 */
export function saveInput(
  folder: string,
  stream: Uint8Array,
  options: PacketReaderOptions,
  fault: string,
): string {
  const hash = createHash("sha256").update(stream).update(JSON.stringify(options)).digest("hex");
  const file = join(folder, `found-${hash.slice(0, 12)}.hex`);
  const lines = [
    `# ${fault.replaceAll("\n", " ").slice(0, 400)}`,
    `# options ${JSON.stringify(options)}`,
    ...(Buffer.from(stream)
      .toString("hex")
      .match(/.{1,96}/g) ?? []),
  ];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** Makes a failing input smaller as long as it fails: parts left out, bytes set to plain ones. */
export function shrink(stream: Uint8Array, fails: (stream: Uint8Array) => boolean): Uint8Array {
  let smallest = stream;
  for (let size = smallest.length; size > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= smallest.length; ) {
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (fails(shorter)) smallest = new Uint8Array(shorter);
      else at += size;
    }
  }
  return smallest;
}
