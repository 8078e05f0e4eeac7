import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";
import { type Meta, readMeta } from "../../src/store/lmdb-meta.js";

let path = "";
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), "beeline-meta-"));
  const backend = new LmdbBackend({ path });
  for (let n = 1; n < 4; n += 1) {
    const key = Uint8Array.of(n);
    await new Promise((resolve) => backend.commit([{ kind: "put", key, value: key }], resolve));
  }
  await backend.close();
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const PAGE = 4_096;

function read(harm?: (bytes: Buffer) => void): { meta: Meta | undefined; problems: string[] } {
  const file = join(path, "data.mdb");
  const bytes = readFileSync(file);
  harm?.(bytes);
  writeFileSync(file, bytes);
  const problems: string[] = [];
  const handle = openSync(file, "r");
  const meta = readMeta(handle, (problem) => void problems.push(problem));
  closeSync(handle);
  return { meta, problems };
}

describe("[J07] how a data file begins", () => {
  it("is the newest of its two beginnings", () => {
    const { meta, problems } = read();
    expect(problems).toEqual([]);
    expect(meta).toMatchObject({ pageBytes: PAGE, main: { entries: 3, depth: 1 } });
  });

  it.each([
    ["the mark", 24],
    ["the version", 28],
    ["the size of a page", 49],
    ["the kind of page", 18],
  ])("is none without %s", (_, at) => {
    for (const page of [0, PAGE]) {
      const { meta, problems } = read((bytes) => {
        bytes[page + at] = (bytes[page + at] as number) ^ 0x41;
      });
      expect([meta, problems]).toEqual([undefined, ["it does not begin as a store does"]]);
      read((bytes) => {
        bytes[page + at] = (bytes[page + at] as number) ^ 0x41;
      });
    }
  });

  it("is told when the two do not belong together", () => {
    const { problems } = read((bytes) => bytes.writeUInt8(99, 152));
    expect(problems).toEqual(["its two beginnings do not belong together"]);
  });

  it("is the one that was on the disk, after a reboot", () => {
    const { meta } = read((bytes) => {
      for (const at of [0, PAGE]) bytes.writeUInt8(1, at + 160);
      bytes.writeUInt8(1, PAGE / 2 + 152); // the synced one is older
    });
    expect(meta?.transaction).toBe(1);
  });
});
