import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamInfo } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBroker } from "../../src/index.js";
import { configOf, type HomeStreams } from "../../src/nats/home-stream.js";
import { homeNames } from "../../src/nats/names.js";
import type { NatsHomeLog } from "../../src/nats/nats-home-log.js";
import { type Begun, Opening } from "../../src/nats/replica-opening.js";
import type { Appended, HomeLog, Looked } from "../../src/replica/home-log.js";
import { EntryKind, encodeEntry, encodeOperations } from "../../src/replica/log-entry.js";
import type { Operation } from "../../src/store/backend.js";
import { openLmdbStore } from "../../src/store/index.js";
import type { OpenFolder } from "../../src/store/lmdb-store.js";

const NAMES = homeNames("test");
const CONFIG = { ...configOf(NAMES, 3), max_age: 0, max_bytes: -1, max_msgs: -1 };
const OTHER_RUN = "00000000000000aa";

/** A log that another run may write to at the worst moment, and that may stop answering. */
class OtherLog implements HomeLog {
  readonly entryBytesMax = 1_000_000;
  readonly entries: Uint8Array[] = [];
  /** Called once, when something is about to be appended. */
  before: (() => void) | undefined;
  /** Appends that are answered; none behind them. */
  answersLeft = Number.POSITIVE_INFINITY;

  append(bytes: Uint8Array, expectedLast: number, done: (result: Appended) => void): void {
    this.before?.();
    this.before = undefined;
    setImmediate(() => done(this.#appended(bytes, expectedLast)));
  }

  #appended(bytes: Uint8Array, expectedLast: number): Appended {
    if (this.answersLeft <= 0) return { kind: "unknown", why: "timeout" };
    if (expectedLast !== this.entries.length) return { kind: "refused" };
    this.answersLeft -= 1;
    this.entries.push(bytes.slice());
    return { kind: "stored", sequence: this.entries.length };
  }

  look(sequence: number, done: (result: Looked) => void): void {
    const bytes = this.entries[sequence - 1];
    const last = this.entries.length;
    setImmediate(() => done(bytes ? { kind: "entry", bytes } : { kind: "none", first: 1, last }));
  }

  purgeBefore(): void {}

  async read(
    after: number,
    last: number,
    take: (sequence: number, bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    for (let at = after; at < last; at += 1) await take(at + 1, this.entries[at] as Uint8Array); // there are so many
  }

  get info(): StreamInfo {
    const last = this.entries.length;
    return {
      config: CONFIG,
      created: "2026-11-30T00:00:00Z",
      state: { first_seq: Math.min(1, last), last_seq: last },
    } as unknown as StreamInfo; // what is read of it
  }
}

const put = (key: string, value: string): Operation => ({
  kind: "put",
  key: Buffer.from(key),
  value: Buffer.from(value),
});

let path: string;
let log: OtherLog;
let folder: OpenFolder | undefined;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-opening-"));
  log = new OtherLog();
});
afterEach(async () => {
  await folder?.backend.close();
  folder?.lock.release();
  folder = undefined;
  rmSync(path, { recursive: true, force: true });
});

/** Entries of the other run. */
function entriesOf(
  number: number,
  kind: EntryHeadKind,
  operations: readonly Operation[] = [],
  bytesMax = 10_000,
): Uint8Array[] {
  const head = { kind, isFresh: kind === EntryKind.EPOCH, run: OTHER_RUN, number };
  return encodeEntry(head, encodeOperations(operations), bytesMax);
}
type EntryHeadKind = (typeof EntryKind)["EPOCH" | "COMMIT"];

async function begin(startMs?: number): Promise<Begun> {
  const replica = { name: "test", servers: ["nats://127.0.0.1:1"], ...(startMs && { startMs }) };
  const streams = { info: async () => log.info } as unknown as HomeStreams; // all that is called of it
  const asLog = log as unknown as NatsHomeLog; // the same, but for what is private
  const opening = new Opening({ path, replica }, asLog, streams, NAMES, log.info);
  folder = await opening.folder();
  return opening.begin(folder);
}

describe("the opening of a replicated store", () => {
  it("reads on from the last whole commit when a server that lives ends the one that was half there", async () => {
    const [first, ...rest] = entriesOf(3, EntryKind.COMMIT, [put("b", "x".repeat(100))], 60);
    expect(rest.length).toBeGreaterThan(1);
    log.entries.push(...entriesOf(1, EntryKind.EPOCH));
    log.entries.push(...entriesOf(2, EntryKind.COMMIT, [put("a", "whole")]));
    log.entries.push(first as Uint8Array);
    log.before = () => log.entries.push(...rest);
    const { writer } = await begin();
    expect(writer.last).toBe(log.entries.length);
    expect(Buffer.from(folder?.backend.get(Buffer.from("a")) ?? []).toString()).toBe("whole");
    expect(folder?.backend.get(Buffer.from("b"))).toHaveLength(100);
  });

  it("gives up, and says why, when NATS goes away before the log is this run's", async () => {
    log.answersLeft = 0;
    await expect(begin(300)).rejects.toThrow(
      /^the replica test has taken nothing for 0\.3 s \(the log of the replica takes no entry \(timeout\)\): do most of the NATS servers run/,
    );
    log.answersLeft = Number.POSITIVE_INFINITY;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(log.entries).toEqual([]); // nothing that takes the log from others comes later
  });

  it("gives up when NATS goes away in the middle of the first copy, which the next start does anew", async () => {
    await using broker = createBroker({ store: openLmdbStore({ path }) });
    await broker.publish({ topicName: "t", payload: "kept", qos: 1, retain: true });
    await broker.close();
    log.answersLeft = 2; // the epoch, and the begin of the copy
    await expect(begin(300)).rejects.toThrow(/^the replica test has taken nothing for 0\.3 s/);
    await folder?.backend.close();
    folder?.lock.release();
    log.answersLeft = Number.POSITIVE_INFINITY;
    await begin(300);
    expect(log.entries.length).toBeGreaterThan(4);
  });

  it("does not give up while entries are taken, however long all of it takes", async () => {
    const append = log.append.bind(log);
    log.append = (...told) => setTimeout(() => append(...told), 200);
    await using broker = createBroker({ store: openLmdbStore({ path }) });
    await broker.publish({ topicName: "t", payload: "kept", qos: 1, retain: true });
    await broker.close();
    const { writer } = await begin(350);
    expect(writer.last).toBeGreaterThanOrEqual(4);
  });
});
