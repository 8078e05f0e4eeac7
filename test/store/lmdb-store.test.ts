import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FORMAT, FORMAT_KEY } from "../../src/store/format.js";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { encodeJson } from "../../src/store/records.js";
import { seal } from "../../src/store/seal.js";
import { StoreError } from "../../src/store/store-error.js";
import { messageOf } from "../support/deliveries.js";

let parent = "";
let path = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "beeline-lmdb-"));
  path = join(parent, "data");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** A store with this many retained messages, closed. */
async function fill(count: number): Promise<void> {
  const store = openLmdbStore({ path });
  for (let n = 0; n < count; n += 1) store.putRetained(messageOf(`t/${n}`, "x".repeat(200)));
  store.seal();
  await store.close();
}

async function retainedCount(): Promise<number> {
  const store = openLmdbStore({ path });
  const count = [...store.retained()].length;
  await store.close();
  return count;
}

const dataFile = (): string => join(path, "data.mdb");

describe("a store's folder", () => {
  it("gives everything back when it is opened again", async () => {
    await fill(300);
    expect(await retainedCount()).toBe(300);
  });
});

describe("[J07] a damaged store is refused with the file, the reason and two ways on", () => {
  const cutTo = (share: number) => (): void =>
    truncateSync(dataFile(), Math.floor(statSync(dataFile()).size * share));
  const DAMAGES: readonly (readonly [string, () => void])[] = [
    ...[0.9, 0.75, 0.5, 0.3, 0.2].map((share) => [`cut to ${share}`, cutTo(share)] as const),
    ["cut to a few bytes", () => truncateSync(dataFile(), 100)],
    ["all zeros", () => writeFileSync(dataFile(), Buffer.alloc(statSync(dataFile()).size))],
    ["something else", () => copyFileSync(process.execPath, dataFile())],
  ];
  for (const [name, damage] of DAMAGES) {
    it(name, async () => {
      await fill(300);
      damage();
      const refusal = (): unknown => openLmdbStore({ path });
      expect(refusal).toThrow(StoreError);
      expect(refusal).toThrow(dataFile());
      expect(refusal).toThrow("--move-damaged-store");
      const moved = openLmdbStore({ path, moveDamaged: true });
      expect([...moved.retained()]).toEqual([]);
      await moved.close();
      const aside = readdirSync(parent).find((entry) => entry.startsWith("data.damaged-"));
      expect(existsSync(join(parent, aside ?? "", "data.mdb"))).toBe(true);
    });
  }

  it("an empty file is as good as none", async () => {
    mkdirSync(path);
    writeFileSync(dataFile(), "");
    await fill(3);
    expect(await retainedCount()).toBe(3);
  });

  it("[J06] a flipped bit in a record that a server cannot do without", async () => {
    await fill(1);
    const bytes = readFileSync(dataFile());
    for (let at = bytes.indexOf("xxxxxxxx"); at !== -1; at = bytes.indexOf("xxxxxxxx", at + 300)) {
      bytes[at + 20] = 0x79;
    }
    writeFileSync(dataFile(), bytes);
    expect(() => openLmdbStore({ path })).toThrow(/retained message is damaged/);
  });
});

describe("[J09] another layout is refused, never guessed", () => {
  async function put(key: Uint8Array, value: Uint8Array): Promise<void> {
    mkdirSync(path, { recursive: true });
    const backend = new LmdbBackend({ path });
    await new Promise<void>((resolve) => {
      backend.commit([{ kind: "put", key, value }], () => resolve());
    });
    await backend.close();
  }

  it("a newer one", async () => {
    await put(FORMAT_KEY, seal(Buffer.alloc(0), encodeJson(FORMAT + 1)));
    const refusal = `has format ${FORMAT + 1}; this version reads format ${FORMAT}`;
    expect(() => openLmdbStore({ path })).toThrow(refusal);
    expect(() => openLmdbStore({ path, moveDamaged: true })).toThrow(refusal);
  });

  it("a foreign one", async () => {
    await put(Uint8Array.of(0x41), Uint8Array.of(1));
    expect(() => openLmdbStore({ path })).toThrow("does not say that it is a store of Beeline");
  });
});
