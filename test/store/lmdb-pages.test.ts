import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Operation } from "../../src/store/backend.js";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";
import { LmdbPages, type SkipsRange } from "../../src/store/lmdb-pages.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-pages-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const file = (): string => join(path, "data.mdb");
const PAGE = 4_096;

interface Walked {
  readonly entries: [string, string][];
  readonly problems: readonly string[];
}

function walk(skips?: SkipsRange): Walked {
  const handle = openSync(file(), "r");
  const pages = new LmdbPages(handle, skips);
  const entries: [string, string][] = [];
  pages.walk((key, value) => entries.push([key.toString("hex"), value.toString("hex")]));
  closeSync(handle);
  return { entries, problems: pages.problems };
}

function entriesOf(backend: LmdbBackend): [string, string][] {
  const all = backend.entries(Uint8Array.of(0), Uint8Array.of(255, 255));
  return Array.from(all, ({ key, value }) => [
    Buffer.from(key).toString("hex"),
    Buffer.from(value).toString("hex"),
  ]);
}

function commit(backend: LmdbBackend, operations: readonly Operation[]): Promise<void> {
  return new Promise((resolve) => backend.commit(operations, () => resolve()));
}

const put = (n: number, size: number): Operation => ({
  kind: "put",
  key: Uint8Array.of(1 + (n % 200), n >> 8, n & 255),
  value: new Uint8Array(size).fill(n),
});

async function fill(count: number, size = 100): Promise<void> {
  const backend = new LmdbBackend({ path });
  await commit(
    backend,
    Array.from({ length: count }, (_, n) => put(n, size)),
  );
  await backend.close();
}

describe("LMDB's file, read without LMDB", () => {
  it("has what LMDB has, in the same order, after any changes", async () => {
    const change = fc.record({
      n: fc.nat(600),
      size: fc.constantFrom(0, 1, 90, 1_900, 2_100, 5_000, 30_000),
      isRemoved: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 60 }), { maxLength: 8 }),
        async (commits) => {
          const backend = new LmdbBackend({ path });
          for (const changes of commits) {
            await commit(
              backend,
              changes.map(({ n, size, isRemoved }) => {
                const one = put(n, size);
                return isRemoved && one.kind === "put" ? { kind: "delete", key: one.key } : one;
              }),
            );
            expect(walk()).toEqual({ entries: entriesOf(backend), problems: [] });
          }
          await backend.close();
          expect(walk().problems).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("[J06] may have more pages for a value than it needs now", async () => {
    const backend = new LmdbBackend({ path });
    // LMDB keeps the pages of a value that is replaced by a shorter one in the same commit.
    await commit(backend, [put(7, 30_000), put(7, 5_000), put(8, 100), put(9, 9_000), put(9, 1)]);
    expect(walk()).toEqual({ entries: entriesOf(backend), problems: [] });
    await backend.close();
    expect(walk().problems).toEqual([]);
  });

  it("is read after a reboot, as LMDB reads it then", async () => {
    await fill(50);
    const bytes = readFileSync(file());
    for (const at of [0, PAGE]) bytes.writeBigUInt64LE(0x1234n, at + 160);
    writeFileSync(file(), bytes);
    const { entries, problems } = walk();
    expect(problems).toEqual([]);
    const backend = new LmdbBackend({ path });
    expect(entries).toEqual(entriesOf(backend));
    await backend.close();
  });

  it("may leave out pages that nobody asks for", async () => {
    await fill(3_000);
    const all = walk();
    const some = walk(({ least, before }) => (least?.[0] ?? 0) > 2 && before !== undefined);
    expect(some.problems).toEqual([]);
    expect(some.entries.length).toBeLessThan(all.entries.length / 2);
    expect(some.entries[0]).toEqual(all.entries[0]);
  });

  it.each([0, 100, 8_000])("of %i bytes is no store", (length) => {
    writeFileSync(file(), Buffer.alloc(length));
    expect(walk()).toEqual({ entries: [], problems: ["it does not begin as a store does"] });
  });
});

describe("[J06] [D2] what is wrong with LMDB's file", () => {
  /** The number of a page of this kind that is in use. */
  async function pageOf(flags: number): Promise<{ bytes: Buffer; at: number }> {
    await fill(3_000);
    const backend = new LmdbBackend({ path });
    await commit(backend, [put(7, 50_000)]);
    await backend.close();
    const bytes = readFileSync(file());
    // The newest page of a kind is one that is in use.
    let found = -1;
    let newest = -1n;
    for (let at = 2 * PAGE; at < bytes.length; at += PAGE) {
      if (
        bytes.readUInt16LE(at + 18) !== flags ||
        bytes.readBigUInt64LE(at) !== BigInt(at / PAGE)
      ) {
        continue;
      }
      const written = bytes.readBigUInt64LE(at + 8);
      if (written > newest) [newest, found] = [written, at];
    }
    expect(found).toBeGreaterThan(0);
    return { bytes, at: found };
  }

  const HARMS: readonly (readonly [string, number, (bytes: Buffer, at: number) => void, RegExp])[] =
    [
      ["another number", 2, (bytes, at) => bytes.writeUInt8(9, at + 3), /is another one/],
      ["a kind that is unknown", 2, (bytes, at) => bytes.writeUInt16LE(3, at + 18), /no kind/],
      ["a time in the future", 2, (bytes, at) => bytes.writeUInt8(9, at + 13), /when it says/],
      ["no room", 2, (bytes, at) => bytes.writeUInt16LE(5_000, at + 20), /room for nothing/],
      [
        "one record less",
        2,
        (bytes, at) => shorten(bytes, at),
        /entries: \d+ are there, 3000 should/,
      ],
      ["a record outside", 2, (bytes, at) => bytes.writeUInt16LE(4_090, at + 24), /outside/],
      ["its keys out of order", 2, (bytes, at) => swapFirst(bytes, at), /out of order/],
      ["a child twice", 1, (bytes, at) => sameChild(bytes, at), /is used twice/],
      [
        "a large value of other length",
        4,
        (bytes, at) => bytes.writeUInt32LE(1, at + 20),
        /length/,
      ],
    ];
  for (const [name, flags, harm, problem] of HARMS) {
    it(`a page with ${name}`, async () => {
      const { bytes, at } = await pageOf(flags);
      harm(bytes, at);
      writeFileSync(file(), bytes);
      expect(walk().problems.join("\n")).toMatch(problem);
    });
  }

  it("a list of free pages that names one in use", async () => {
    const { bytes } = await pageOf(2);
    const meta = bytes.readBigUInt64LE(PAGE + 152) > bytes.readBigUInt64LE(152) ? PAGE : 0;
    const free = Number(bytes.readBigUInt64LE(meta + 88)) * PAGE;
    const node = free + 24 + bytes.readUInt16LE(free + 24);
    const main = bytes.readBigUInt64LE(meta + 136);
    bytes.writeBigInt64LE(1n, node + 16);
    bytes.writeBigUInt64LE(main, node + 24);
    writeFileSync(file(), bytes);
    expect(walk().problems.join("\n")).toMatch(/free page \d+ is used twice/);
  });

  it("a beginning that is older than it says", async () => {
    await fill(10);
    await fill(20);
    const bytes = readFileSync(file());
    const older = bytes.readBigUInt64LE(152) < bytes.readBigUInt64LE(PAGE + 152) ? 0 : PAGE;
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(older + 152) + 2n, older + 152);
    writeFileSync(file(), bytes);
    expect(walk().problems.join("\n")).toMatch(/was not written when it says/);
  });
});

function shorten(bytes: Buffer, at: number): void {
  bytes.writeUInt16LE(bytes.readUInt16LE(at + 20) - 2, at + 20);
}

function swapFirst(bytes: Buffer, at: number): void {
  const first = bytes.readUInt16LE(at + 24);
  bytes.writeUInt16LE(bytes.readUInt16LE(at + 26), at + 24);
  bytes.writeUInt16LE(first, at + 26);
}

function sameChild(bytes: Buffer, at: number): void {
  const [first, second] = [24, 26].map((slot) => at + 24 + bytes.readUInt16LE(at + slot));
  bytes.copy(bytes, first, second, (second ?? 0) + 6);
}
