import { beforeEach, describe, expect, it } from "vitest";
import {
  EntryKind,
  encodeEntry,
  encodeOperations,
  LogEntryError,
} from "../../src/replica/log-entry.js";
import { Replay } from "../../src/replica/replay.js";
import type { Operation } from "../../src/store/backend.js";
import { MemoryBackend } from "../../src/store/memory-store.js";

const POSITION = Uint8Array.of(1);
const RUN = "00000000000000aa";
const positionAt = (sequence: number): Operation => ({
  kind: "put",
  key: POSITION,
  value: Uint8Array.of(sequence),
});
const put = (key: number, value: number): Operation => ({
  kind: "put",
  key: Uint8Array.of(key),
  value: Uint8Array.of(value),
});

let medium: MemoryBackend;
let replay: Replay;
let sequence: number;
let number: number;

beforeEach(() => {
  medium = new MemoryBackend();
  replay = new Replay(medium, positionAt, 0);
  sequence = 0;
  number = 0;
});

/** Takes an entry, in parts of so many bytes. */
async function take(
  kind: EntryKind,
  operations: readonly Operation[] = [],
  { isFresh = false, bytesMax = 10_000, partsOnly = 99, run = RUN } = {},
): Promise<void> {
  number += 1;
  const parts = encodeEntry({ kind, isFresh, run, number }, encodeOperations(operations), bytesMax);
  for (const part of parts.slice(0, partsOnly)) {
    sequence += 1;
    await replay.take(sequence, part);
  }
}

const valueAt = (key: number) => medium.get(Uint8Array.of(key))?.[0];

describe("reading the log of a replica [M26]", () => {
  it("does what the commits say, and notes how far it is", async () => {
    await take(EntryKind.EPOCH, [], { isFresh: true });
    await take(EntryKind.COMMIT, [put(2, 1), put(3, 1)]);
    await take(EntryKind.COMMIT, [put(2, 7), { kind: "delete", key: Uint8Array.of(3) }]);
    expect(await replay.end()).toMatchObject({ last: 3, position: 3, isWhole: true });
    expect([valueAt(1), valueAt(2), valueAt(3)]).toEqual([3, 7, undefined]);
  });

  it("removes a range of what was put in front of it in the same log", async () => {
    await take(EntryKind.COMMIT, [put(2, 1)]);
    const range = { kind: "delete-range", from: Uint8Array.of(2), to: Uint8Array.of(3) } as const;
    await take(EntryKind.COMMIT, [range]);
    await replay.end();
    expect(valueAt(2)).toBeUndefined();
  });

  it("leaves out a commit whose writer was killed between its parts", async () => {
    await take(EntryKind.COMMIT, [put(2, 1)]);
    await take(EntryKind.COMMIT, [put(2, 9), put(3, 9)], { bytesMax: 25, partsOnly: 2 });
    await take(EntryKind.EPOCH, [], { run: "00000000000000bb" });
    expect(await replay.end()).toMatchObject({ last: 4 });
    expect([valueAt(2), valueAt(3)]).toEqual([1, undefined]);
  });

  it("refuses a part whose beginning is not there, and what is none of ours, with its place", async () => {
    const parts = encodeEntry(
      { kind: EntryKind.COMMIT, run: RUN, number: 1 },
      Buffer.alloc(99),
      50,
    );
    await expect(replay.take(7, parts[1] as Uint8Array)).rejects.toThrow(
      new LogEntryError("entry 7 of the log continues what is not there"),
    );
    await expect(replay.take(8, Buffer.from("garbage"))).rejects.toThrow(/^entry 8 of the log: /);
  });

  it.each([
    ["begins with the store", [[EntryKind.EPOCH, RUN, true]], true],
    ["begins in the middle", [[EntryKind.EPOCH, RUN, false]], false],
    [
      "has a whole copy",
      [
        [EntryKind.COPY_BEGIN, RUN, false],
        [EntryKind.COPY_END, RUN, false],
      ],
      true,
    ],
    [
      "has the end of a copy that another run has begun",
      [
        [EntryKind.COPY_BEGIN, RUN, false],
        [EntryKind.COPY_END, "00000000000000bb", false],
      ],
      false,
    ],
  ] as const)("knows whether a log is enough: it %s", async (_, entries, isWhole) => {
    for (const [kind, run, isFresh] of entries) await take(kind, [], { run, isFresh });
    expect((await replay.end()).isWhole).toBe(isWhole);
  });

  it("fails as its medium does, and notes nothing", async () => {
    const failing = {
      commit: (_: readonly Operation[], done: (error?: Error) => void) =>
        done(new Error("disk full")),
    };
    replay = new Replay(failing, positionAt, 4);
    await take(EntryKind.COMMIT, [put(2, 1)]);
    await expect(replay.end()).rejects.toThrow("disk full");
    expect(replay.state.position).toBe(4);
  });
});
