import { describe, expect, it } from "vitest";
import { BlockPool, PacketReader, ProtocolError } from "../../src/engine.js";
import { settingsFrom } from "../../src/ports/options.js";
import { SMALL_BLOCK_BYTES } from "../../src/ports/outbox.js";
import { PacketType } from "../../src/protocol/packet-type.js";
import { Connection, Phase } from "../../src/state/connection.js";
import { Core, type TurnRunner } from "../../src/state/core.js";
import { FakeLink } from "../support/fake-link.js";

const nothing = (): void => undefined;
const turns: TurnRunner = { run: (_nowMs, work) => work(), advance: () => undefined };
const inputs = { receive: nothing, drained: nothing, closed: nothing };

function coreWith(options = {}): {
  core: Core;
  open(): { link: FakeLink; connection: Connection };
} {
  const core = new Core(settingsFrom({ makeClientId: () => "made", ...options }), turns);
  const open = (): { link: FakeLink; connection: Connection } => {
    const link = new FakeLink();
    const connection = new Connection(link, new PacketReader(), core.pool, inputs, 1);
    return { link, connection };
  };
  return { core, open };
}

/** One byte on its way to the peer. */
function write(core: Core, connection: Connection): void {
  const at = connection.outbox.reserve(PacketType.PUBLISH, 1);
  connection.outbox.block[at] = 0;
  core.touch(connection);
}

/** Enough for a large block. */
function writeMuch(core: Core, connection: Connection): void {
  const byteCount = SMALL_BLOCK_BYTES + 1;
  const at = connection.outbox.reserve(PacketType.PUBLISH, byteCount);
  connection.outbox.block.fill(0, at, at + byteCount);
  core.touch(connection);
}

describe("what a turn leaves to its end", () => {
  it("is one flush for each connection, however often it was written to", () => {
    const { core, open } = coreWith();
    const [a, b] = [open(), open()];
    for (let count = 0; count < 3; count += 1) write(core, a.connection);
    write(core, b.connection);
    expect(core.dirtyCount).toBe(2);
    core.flush();
    expect(core.dirtyCount).toBe(0);
    expect([a.link.flushes, b.link.flushes]).toEqual([1, 1]);
    core.flush();
    expect([a.link.flushes, b.link.flushes]).toEqual([1, 1]);
  });

  it("[M24] is not left when 64 MiB of blocks wait for it: 5,000 receivers share 4,097", () => {
    let allocated = 0;
    const pool = new BlockPool((byteCount) => {
      allocated += 1;
      return new Uint8Array(byteCount);
    });
    const { core, open } = coreWith({ pool });
    const receivers = Array.from({ length: 5_000 }, open);
    for (const { connection } of receivers) writeMuch(core, connection);
    expect(core.dirtyCount).toBeLessThanOrEqual(4_097);
    core.flush();
    expect(receivers.every(({ link }) => link.flushes === 1)).toBe(true);
    expect(allocated).toBe(4_097);
  });

  it("reaches everybody when transports answer while they are flushed, with 64 MiB waiting", () => {
    const { core, open } = coreWith();
    const [answering, late, last] = [open(), open(), open()];
    answering.link.flush = (outbox) => {
      if (outbox.byteCount === 0) return;
      outbox.sent(true);
      for (const { connection } of [late, late, answering]) {
        core.pool.takenBytes += 2 ** 27;
        if (answers-- > 0) write(core, connection);
      }
    };
    let answers = 7;
    for (const { connection } of [answering, last]) write(core, connection);
    for (let round = 0; round < 8; round += 1) core.flush();
    expect(answers).toBeLessThanOrEqual(0);
    for (const { connection } of [answering, late, last]) {
      expect([connection.dirty, connection.outbox.byteCount]).toEqual([false, 0]);
    }
    expect([core.dirtyCount, last.link.flushes]).toEqual([0, 1]);
  });

  it("[M06] reaches everybody although the transport of one of them throws, time after time", () => {
    const bugs: unknown[] = [];
    const { core, open } = coreWith({
      events: { onInternalError: (bug: unknown) => bugs.push(bug) },
    });
    const [a, broken, c] = [open(), open(), open()];
    const bug = new TypeError("a transport's");
    broken.link.flush = () => {
      throw bug;
    };
    for (const round of [1, 2, 3]) {
      for (const { connection } of [a, broken, c]) write(core, connection);
      core.flush();
      expect(core.dirtyCount).toBe(0);
      expect([a.link.flushes, c.link.flushes]).toEqual([round, round]);
      expect([a, broken, c].map(({ connection }) => connection.dirty)).toEqual(
        Array(3).fill(false),
      );
    }
    expect(bugs[0]).toBe(bug);
    expect(core.nextDoomed()).toBe(broken.connection);
    expect(core.nextDoomed()).toBeUndefined();
  });

  it("[M24] starts the clock of a peer that does not take everything", () => {
    const { core, open } = coreWith();
    const { link, connection } = open();
    link.frozen = true;
    core.nowMs = 500;
    write(core, connection);
    core.flush();
    expect(connection.blockedSinceMs).toBe(500);
  });

  it("is the end of who is doomed, once, for the first reason", () => {
    const { core, open } = coreWith();
    const { connection } = open();
    core.doomForError(connection, new ProtocolError("qos-3"));
    core.doom(connection, "kicked");
    expect(connection).toMatchObject({ phase: Phase.DOOMED, doomReason: "violation" });
    expect(core.nextDoomed()).toBe(connection);
    expect(core.nextDoomed()).toBeUndefined();
  });

  it("[M06] is told of a bug of ours, which costs the one connection that met it", () => {
    const bugs: unknown[] = [];
    const onInternalError = (error: unknown): void => void bugs.push(error);
    const { core, open } = coreWith({ events: { onInternalError } });
    const { connection } = open();
    const bug = new TypeError("ours");
    core.doomForError(connection, bug);
    expect(bugs).toEqual([bug]);
    expect(connection.doomReason).toBe("internal-error");
  });
});

describe("[M8] topics that start with $", () => {
  it("are allowed to Clients by their beginning only", () => {
    const { core } = coreWith({ dollarTopics: ["$app/"] });
    expect(core.allowsDollar(core.routes.of("$app/x"))).toBe(true);
    expect(core.allowsDollar(core.routes.of("$SYS/x"))).toBe(false);
  });
});

it("every drop is counted under its reason, and told", () => {
  const told: unknown[] = [];
  const onDrop = (...drop: unknown[]): void => void told.push(drop);
  const { core } = coreWith({ events: { onDrop } });
  const sender = { clientId: "s", username: undefined, remoteAddress: "", cleanSession: true };
  core.drop("unknown", "t/p2p/x", "x", sender);
  expect(core.stats.drops.unknown).toBe(1);
  expect(told).toEqual([["unknown", "t/p2p/x", "x", sender]]);
});
