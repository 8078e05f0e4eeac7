import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Copying } from "../../src/replica/copying.js";
import { EntryKind } from "../../src/replica/log-entry.js";
import { LogWriter } from "../../src/replica/log-writer.js";
import { Replay } from "../../src/replica/replay.js";
import { ReplicatedBackend } from "../../src/replica/replicated-backend.js";
import type { Backend, Operation } from "../../src/store/backend.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { roundsOf } from "../support/quick.js";
import { FakeHomeLog, type Fate } from "./fake-home-log.js";

const POSITION = Uint8Array.of(1, 1);
const FIRST = Uint8Array.of(0);
const END = Uint8Array.of(0xff);

function positionAt(sequence: number): Operation {
  return { kind: "put", key: POSITION, value: new Uint8Array(Uint32Array.of(sequence).buffer) };
}

function positionIn(backend: Backend): number {
  const value = backend.get(POSITION);
  return value === undefined ? 0 : new DataView(value.slice().buffer).getUint32(0, true);
}

/** A medium that fails now and then, and forgets nothing. */
class Medium extends MemoryBackend {
  failures = 0;

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    if (this.failures > 0) {
      this.failures -= 1;
      done(new Error("disk full"));
      return;
    }
    super.commit(operations, done);
  }
}

/** One run of a server: from its start to its crash. */
class Run {
  readonly backend: ReplicatedBackend;
  readonly writer: LogWriter;
  isLost = false;

  constructor(log: FakeHomeLog, medium: Medium, run: string, last: number, slackBytes: number) {
    this.writer = new LogWriter(log, log.later, run, last, {
      stalled: () => undefined,
      recovered: () => undefined,
      fenced: () => {
        this.isLost = true;
      },
    });
    const copying = new Copying(
      medium,
      this.writer,
      (sequence) => log.purgeBefore(sequence),
      (key) => key.length === 2 && key[0] === 1 && key[1] === 1,
      0,
      slackBytes,
    );
    this.backend = new ReplicatedBackend({
      inner: medium,
      writer: this.writer,
      copying,
      later: log.later,
      positionAt,
      onBehind: () => undefined,
    });
  }
}

async function replayed(log: FakeHomeLog, medium: Medium): Promise<Replay> {
  const position = positionIn(medium);
  const isTooOld = position + 1 < log.first;
  if (isTooOld) {
    medium.commit([{ kind: "delete-range", from: FIRST, to: END }], () => undefined);
  }
  const after = isTooOld ? log.first - 1 : position;
  const replay = new Replay(medium, positionAt, after);
  for (let at = after + 1; at <= log.last; at += 1) {
    await replay.take(at, log.entries.get(at) as Uint8Array);
  }
  await replay.end();
  if (isTooOld) expect(replay.state.isWhole).toBe(true);
  return replay;
}

function contentOf(backend: Backend): Record<string, string> {
  const content: Record<string, string> = {};
  for (const { key, value } of backend.entries(FIRST, END)) {
    const name = Buffer.from(key).toString("hex");
    if (name !== "0101") content[name] = Buffer.from(value).toString("hex");
  }
  return content;
}

const key = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.nat({ max: 9 }));
const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: key, value: fc.uint8Array({ maxLength: 120 }) }) },
  { weight: 2, arbitrary: fc.record({ remove: key }) },
  { weight: 1, arbitrary: fc.record({ clear: fc.integer({ min: 2, max: 6 }) }) },
);
type Write = typeof write extends fc.Arbitrary<infer W> ? W : never;

function operationOf(one: Write): Operation {
  if ("put" in one) return { kind: "put", key: Uint8Array.from(one.put), value: one.value };
  if ("remove" in one) return { kind: "delete", key: Uint8Array.from(one.remove) };
  const { clear } = one;
  return { kind: "delete-range", from: Uint8Array.of(clear), to: Uint8Array.of(clear + 1) };
}

const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>("stored") },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fate>("stored-unanswered", "lost", "late", "refused-for-now"),
  },
);
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      commit: fc.array(write, { minLength: 1, maxLength: 6 }),
      forMs: fc.constantFrom(60_000, 60_000, 60_000, 1, 3, 300, 900),
    }),
  },
  /** The process is killed, so much later than its last commit, and starts on its medium or an empty one. */
  {
    weight: 2,
    arbitrary: fc.record({ crashAfterMs: fc.nat({ max: 900 }), isMediumLost: fc.boolean() }),
  },
  /** Another server takes over, and this one tries to go on. */
  { weight: 1, arbitrary: fc.record({ fence: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ failures: fc.integer({ min: 1, max: 3 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Servers one after the other over one log, and what they must not lose. */
class World {
  readonly log: FakeHomeLog;
  medium = new Medium();
  readonly #slackBytes: number;
  readonly #fates: Iterator<Fate>;
  #runs = 0;
  #run: Run | undefined;
  /** What was acknowledged. */
  #sure = new MemoryBackend();
  /** What was not, and may be there all the same. */
  #unsure: readonly Operation[] = [];

  constructor(entryBytesMax: number, slackBytes: number, fates: Iterator<Fate>) {
    this.log = new FakeHomeLog(entryBytesMax);
    this.#slackBytes = slackBytes;
    this.#fates = fates;
  }

  async live(one: Step): Promise<void> {
    if ("commit" in one) await this.commit(one.commit.map(operationOf), one.forMs);
    else if ("failures" in one) this.medium.failures = one.failures;
    else if ("crashAfterMs" in one) await this.crash(one.crashAfterMs, one.isMediumLost);
    else await this.takeOver();
  }

  /** A server starts on the medium there is, and takes over. */
  async start(): Promise<void> {
    const { log } = this;
    log.forgetCalls();
    log.fateOf = () => "stored";
    this.medium.failures = 0;
    do {
      this.#runs += 1;
      const { last } = (await replayed(log, this.medium)).state;
      const name = this.#runs.toString(16).padStart(16, "0");
      const run = new Run(log, this.medium, name, last, this.#slackBytes);
      run.writer.append(EntryKind.EPOCH, Buffer.from("me"), () => undefined, last === 0);
      log.run(); // what was on its way arrives first, and is in front of it or refused
      this.#run = run;
    } while (this.#run.isLost);
    log.fateOf = () => this.#fates.next().value as Fate;
    this.#compare();
  }

  /** @param forMs - So long the server lives after it. */
  async commit(operations: readonly Operation[], forMs: number): Promise<void> {
    let isDone = false;
    this.#run?.backend.commit(operations, (error) => {
      expect(error).toBeUndefined();
      isDone = true;
      for (const operation of operations) this.#sure.apply(operation);
    });
    this.log.run(forMs);
    if (isDone) return;
    this.#unsure = operations; // one commit is under way at a time: it cannot go on
    await this.start();
  }

  async crash(afterMs: number, isMediumLost: boolean): Promise<void> {
    this.log.run(afterMs);
    if (isMediumLost) this.medium = new Medium();
    await this.start();
  }

  /** Another server takes over; the one before did not end, and wants to go on. */
  async takeOver(): Promise<void> {
    this.log.run();
    const before = this.#run?.backend;
    this.medium = new Medium();
    await this.start();
    let refused: Error | undefined;
    const late: Operation = { kind: "put", key: Uint8Array.of(3, 3), value: Buffer.from("late") };
    before?.commit([late], (error) => {
      refused = error;
    });
    this.log.run();
    expect(refused?.message).toContain("has taken over");
  }

  #compare(): void {
    const found = contentOf(this.medium);
    const unsure = this.#unsure;
    this.#unsure = [];
    const after = new MemoryBackend();
    for (const { key: at, value } of this.#sure.entries(FIRST, END)) {
      after.apply({ kind: "put", key: at, value });
    }
    for (const operation of unsure) after.apply(operation);
    if (JSON.stringify(found) === JSON.stringify(contentOf(after))) this.#sure = after;
    else expect(found).toEqual(contentOf(this.#sure));
  }
}

describe("a replicated medium", () => {
  it("keeps what was acknowledged over lost answers, crashes, take-overs and copies, and no more", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fate),
        fc.constantFrom(60, 200, 100_000),
        fc.constantFrom(0, 500, 1_000_000),
        async (steps, fates, entryBytesMax, slackBytes) => {
          const world = new World(entryBytesMax, slackBytes, fates);
          await world.start();
          for (const one of steps) await world.live(one);
          await world.crash(0, true);
        },
      ),
      { numRuns: roundsOf(300) },
    );
  });
});
