import { describe, expect, it } from "vitest";
import { Copying } from "../../src/replica/copying.js";
import { decodeEntry, decodeOperations, EntryKind } from "../../src/replica/log-entry.js";
import { LogWriter } from "../../src/replica/log-writer.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { FakeHomeLog } from "./fake-home-log.js";

const OWN = Uint8Array.of(9);

function world(slackBytes: number, records = 5) {
  const log = new FakeHomeLog();
  const medium = new MemoryBackend();
  for (let at = 0; at < records; at += 1) {
    const key = Uint8Array.of(2, at);
    medium.apply({ kind: "put", key, value: new Uint8Array(100 * 1024).fill(at) });
  }
  medium.apply({ kind: "put", key: OWN, value: Uint8Array.of(1) });
  const purged: number[] = [];
  const writer = new LogWriter(log, log.later, "00000000000000aa", 0, {
    stalled: () => undefined,
    recovered: () => undefined,
    fenced: () => undefined,
  });
  const copying = new Copying(
    medium,
    writer,
    (sequence) => void purged.push(sequence),
    (key) => key[0] === 9,
    0,
    slackBytes,
  );
  return { log, writer, copying, purged };
}

describe("a copy that keeps the log short [M26]", () => {
  it("is due when the log is much longer than what is alive", () => {
    const { log, writer, copying } = world(1_000);
    expect(copying.isDue).toBe(false);
    writer.append(EntryKind.COMMIT, new Uint8Array(2_000), () => undefined);
    log.run();
    expect(copying.isDue).toBe(true);
  });

  it("writes everything but the run's own record, in pieces, and only then removes what is before", () => {
    const { log, copying, purged } = world(1_000);
    let steps = 0;
    do {
      expect(purged).toEqual([]);
      copying.step(() => undefined);
      log.run();
      steps += 1;
    } while (copying.isCopying);
    expect(purged).toEqual([1]);
    const entries = [...log.entries.values()].map(decodeEntry);
    expect(entries.map(({ kind }) => kind)).toEqual([
      ...[EntryKind.COPY_BEGIN, EntryKind.COPY, EntryKind.COPY, EntryKind.COPY_END],
    ]);
    expect(steps).toBe(4);
    const copied = entries
      .filter(({ kind }) => kind === EntryKind.COPY)
      .flatMap(({ body }) => decodeOperations(body));
    expect(copied.map((one) => (one.kind === "put" ? [...one.key] : one.kind))).toEqual([
      ...[0, 1, 2, 3, 4].map((at) => [2, at]),
    ]);
    expect(copying.isDue).toBe(false);
  });

  it("ends where its writer is refused", () => {
    const { log, copying } = world(1_000);
    log.last = 4; // somebody else
    log.first = 5;
    const results: (Error | undefined)[] = [];
    copying.all((error) => results.push(error));
    log.run();
    expect(results).toEqual([expect.objectContaining({ name: "FencedError" })]);
  });
});
