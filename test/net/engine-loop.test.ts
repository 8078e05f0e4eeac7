import { describe, expect, it, vi } from "vitest";
import { encode, PacketType } from "../../src/codec/index.js";
import { Broker, type NetworkConnection, type Outbox } from "../../src/engine.js";
import { EngineLoop, type ServedLink } from "../../src/net/engine-loop.js";
import { connectPacket } from "./raw-client.js";

const PINGREQ = encode({ type: PacketType.PINGREQ });
const nextLoopTurn = (): Promise<void> => new Promise(setImmediate);

/** A Link over nothing, and what a loop has told it. */
class ServedFake implements ServedLink {
  readonly unsentBytes = 0;
  readonly remoteAddress = "fake";
  readonly told: string[] = [];
  connection: NetworkConnection | undefined;
  onFlush: () => void = () => undefined;
  #received = 0;

  opened(): void {
    this.told.push("opened");
  }
  destroy(): void {
    this.told.push("destroyed");
  }
  flush(outbox: Outbox): void {
    this.#received += outbox.byteCount;
    outbox.sent(true);
    this.onFlush();
  }
  close(): void {
    this.told.push("closed");
  }
  pause(): void {}
  resume(): void {}

  /** Whether bytes have come since it was last asked. */
  takeAnswered(): boolean {
    const received = this.#received;
    this.#received = 0;
    return received > 0;
  }
}

/** @param roundMs - Long by default: a slow machine must not make a round of its own. */
function scene(clients = 1, roundMs = 60_000) {
  const engine = new Broker({ makeClientId: () => "made" });
  const errors: unknown[] = [];
  const loop = new EngineLoop(engine, (error) => errors.push(error), { roundMs });
  const links: ServedFake[] = [];
  for (let index = 0; index < clients; index += 1) {
    const link = new ServedFake();
    loop.open(link);
    link.connection?.receive(encode(connectPacket({ clientId: `client-${index}` })), 1);
    links.push(link);
  }
  engine.flush();
  const answered = (): boolean[] => links.map((link) => link.takeAnswered());
  answered();
  return { engine, loop, errors, links, answered, link: links[0] as ServedFake };
}

/** What a listener of the engine does while a turn is under way. */
function inTurn(act: (loop: EngineLoop) => void) {
  const errors: unknown[] = [];
  const engine = new Broker({
    makeClientId: () => "made",
    events: { onPublish: () => act(loop) },
  });
  const loop = new EngineLoop(engine, (error) => errors.push(error));
  const publish = (): void => {
    engine.publish({ topicName: "t", payload: Buffer.from("x"), qos: 0, retain: false }, 1);
  };
  return { engine, loop, errors, publish };
}

describe("EngineLoop", () => {
  it("destroys a link that the engine cannot open, and tells why", () => {
    const { engine, loop, errors } = scene();
    engine.open = () => {
      throw new Error("bad engine");
    };
    const link = new ServedFake();
    loop.open(link);
    expect(link.told).toEqual(["destroyed"]);
    expect(errors).toEqual([new Error("bad engine")]);
  });

  it("flushes the first four read events of a loop turn at once, later ones at its end", async () => {
    const { loop, links, answered } = scene(6);
    for (const link of links) loop.receive(link, PINGREQ);
    expect(answered()).toEqual([true, true, true, true, false, false]);
    await nextLoopTurn();
    expect(answered()).toEqual([false, false, false, false, true, true]);
  });

  it("lets a read event that touches more than eight connections wait for the turn's end", async () => {
    const { engine, loop, links, answered } = scene(9);
    const pingFrom = (count: number): void => {
      // As if one read event had touched them all.
      for (const { connection } of links.slice(1, count)) connection?.receive(PINGREQ, 1);
      loop.receive(links[0] as ServedFake, PINGREQ);
    };
    pingFrom(8);
    expect(answered()).toEqual([...Array(8).fill(true), false]);
    pingFrom(9);
    expect(engine.unflushedCount).toBe(9);
    pingFrom(1); // its receiver waits anyway
    expect(answered()).toEqual(Array(9).fill(false));
    await nextLoopTurn();
    expect(answered()).toEqual(Array(9).fill(true));
  });

  it("starts anew with each loop turn", async () => {
    const { loop, links, answered } = scene(5);
    const readAll = (): void => {
      for (const link of links) loop.receive(link, PINGREQ);
    };
    readAll();
    await nextLoopTurn();
    answered();
    readAll();
    expect(answered()).toEqual([true, true, true, true, false]);
  });

  it("flushes what other calls caused at the end of the loop turn", async () => {
    const { engine, loop, link, answered } = scene();
    link.connection?.receive(PINGREQ, 1);
    loop.afterCall();
    expect(engine.unflushedCount).toBe(1);
    await nextLoopTurn();
    expect(answered()).toEqual([true]);
  });

  it("flushes at once when asked to", () => {
    const { loop, link, answered } = scene();
    link.connection?.receive(PINGREQ, 1);
    loop.flush();
    expect(answered()).toEqual([true]);
  });

  it("[D18] goes on with what is owed until nothing is left", async () => {
    const { engine, loop, link, answered } = scene(1, 0);
    for (let index = 0; index < 5_000; index += 1) {
      engine.publish(
        { topicName: `kept/${index}`, payload: Buffer.from("x"), qos: 0, retain: true },
        1,
      );
    }
    const subscribe = encode({
      type: PacketType.SUBSCRIBE,
      packetId: 1,
      requests: [{ topicFilter: "kept/#", requestedQos: 0 }],
    });
    loop.receive(link, subscribe);
    expect(engine.needsWork).toBe(true);
    let turns = 0;
    while (engine.needsWork) {
      turns += 1;
      await nextLoopTurn();
    }
    expect(turns).toBeGreaterThan(1);
    await nextLoopTurn();
    expect(answered()).toEqual([true]);
    expect(engine.stats.messagesSent).toBe(5_000);
  });

  it("runs calls that came in a turn right after it, in order, those they bring on later", async () => {
    const ran: string[] = [];
    const { loop, publish } = inTurn(() => {
      if (ran.length > 0) {
        loop.run(() => ran.push("third"));
        return;
      }
      ran.push("turn");
      loop.run(() => {
        ran.push("first");
        publish();
      });
      loop.run(() => ran.push("second"));
    });
    publish();
    expect(ran).toEqual(["turn"]);
    loop.afterCall();
    expect(ran).toEqual(["turn", "first", "second"]);
    await nextLoopTurn();
    expect(ran).toEqual(["turn", "first", "second", "third"]);
    expect(loop.isBusy).toBe(false);
  });

  it("runs a call at once while the engine is free, and what it throws comes back", async () => {
    const { loop, link, answered, errors } = scene();
    loop.run(() => link.connection?.receive(PINGREQ, 1));
    await nextLoopTurn();
    expect(answered()).toEqual([true]);
    const bad = (): void => {
      throw new Error("bad");
    };
    expect(() => loop.run(bad)).toThrow("bad");
    expect(errors).toEqual([]);
  });

  it("[M06] goes on when a deferred call throws, and tells what it threw", async () => {
    const ran: string[] = [];
    const { loop, errors, publish } = inTurn(() => {
      loop.run(() => {
        throw new Error("bad");
      });
      loop.run(() => ran.push("next"));
    });
    publish();
    await nextLoopTurn();
    expect(ran).toEqual(["next"]);
    expect(errors).toEqual([new Error("bad")]);
    expect(loop.isBusy).toBe(false);
  });

  it("is busy in a turn of the engine", () => {
    const busy: boolean[] = [];
    const { loop, publish } = inTurn(() => busy.push(loop.isBusy));
    publish();
    expect(busy).toEqual([true]);
    expect(loop.isBusy).toBe(false);
  });

  it("opens a connection that comes in the middle of a turn right after it", () => {
    const link = new ServedFake();
    const { loop, publish } = inTurn(() => loop.open(link));
    publish();
    expect(link.told).toEqual([]);
    loop.afterCall();
    expect(link.told).toEqual(["opened"]);
    expect(link.connection).toBeDefined();
  });

  it("whatever a link tells while it is flushed reaches the engine right after, in order", async () => {
    const { engine, loop, link } = scene();
    const calls: string[] = [];
    let heardInFlush = ["not flushed"];
    link.onFlush = () => {
      for (const input of ["receive", "drained", "closed"] as const) {
        engine[input] = () => calls.push(input);
      }
      loop.receive(link, PINGREQ);
      loop.drained(link);
      loop.closed(link);
      heardInFlush = [...calls];
    };
    loop.receive(link, PINGREQ);
    expect(heardInFlush).toEqual([]);
    await nextLoopTurn();
    expect(calls).toEqual(["receive", "drained", "closed"]);
  });

  it("[F08] the end of a connection is told once, and nothing behind it", () => {
    const { engine, loop, link } = scene();
    const calls: string[] = [];
    for (const input of ["receive", "drained", "closed"] as const) {
      engine[input] = () => calls.push(input);
    }
    loop.closed(link);
    loop.closed(link);
    loop.receive(link, PINGREQ);
    loop.drained(link);
    expect(calls).toEqual(["closed"]);
  });

  it.each(["receive", "drained", "closed"] as const)(
    "a bug of ours that %s meets costs this connection, not the process",
    async (input) => {
      const { engine, loop, errors, links, answered } = scene(2);
      const [bad, good] = links as [ServedFake, ServedFake];
      const { receive, drained, closed } = engine;
      engine[input] = () => {
        throw new Error(`bad ${input}`);
      };
      if (input === "receive") loop.receive(bad, PINGREQ);
      else loop[input](bad);
      Object.assign(engine, { receive, drained, closed });
      expect(errors).toEqual([new Error(`bad ${input}`)]);
      expect([bad.told, good.told]).toEqual([["opened", "destroyed"], ["opened"]]);
      loop.receive(good, PINGREQ);
      expect(answered()).toEqual([false, true]);
    },
  );

  it("[M07] closes all connections, and drops what comes after", () => {
    const { loop, link } = scene();
    loop.close();
    expect(link.told).toEqual(["opened", "closed"]);
    const late = new ServedFake();
    loop.open(late);
    expect(late.told).toEqual(["destroyed"]);
  });

  it("does not flush inside a flush", () => {
    const { engine, loop, link } = scene();
    const original = engine.flush.bind(engine);
    let depth = 0;
    let deepest = 0;
    engine.flush = () => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      loop.flush();
      original();
      depth -= 1;
    };
    link.connection?.receive(PINGREQ, 1);
    loop.flush();
    expect(deepest).toBe(1);
  });

  it("[T1] limits.roundMs: what comes when a round is over is only taken down, and done in the next", async () => {
    const clock = vi.spyOn(performance, "now");
    try {
      const { loop, links, answered } = scene(3, 5);
      const [a, b, c] = links as [ServedFake, ServedFake, ServedFake];
      clock.mockReturnValue(1_000);
      loop.receive(a, PINGREQ);
      clock.mockReturnValue(1_005); // at the bound
      loop.receive(b, PINGREQ);
      clock.mockReturnValue(1_006);
      loop.receive(c, PINGREQ);
      expect(answered()).toEqual([true, true, false]);
      await nextLoopTurn();
      expect(answered()).toEqual([false, false, true]);
      loop.receive(c, PINGREQ);
      expect(answered()).toEqual([false, false, true]);
    } finally {
      clock.mockRestore();
    }
  });

  it("[T1] flushes many connections in portions: the others when the sockets were looked at", async () => {
    const clock = vi.spyOn(performance, "now");
    try {
      const { engine, loop, links, answered } = scene(100, 5);
      let now = 1_000;
      clock.mockImplementation(() => (now += 0.1)); // each look at the clock
      for (const { connection } of links) connection?.receive(PINGREQ, 1);
      for (const link of links) {
        link.onFlush = () => {
          now += 1;
        };
      }
      loop.afterCall();
      let rounds = 0;
      while (engine.unflushedCount > 0) {
        rounds += 1;
        await nextLoopTurn();
      }
      expect(rounds).toBe(Math.ceil(100 / 32)); // so many take longer than a round
      expect(answered()).toEqual(Array(100).fill(true));
    } finally {
      clock.mockRestore();
    }
  });

  it("goes on after a bug of the engine: it is told, and the next flush happens", async () => {
    const { engine, loop, errors, link, answered } = scene();
    const { flush, work } = engine;
    engine.flush = () => {
      throw new Error("bad flush");
    };
    engine.work = () => {
      throw new Error("bad work");
    };
    Object.defineProperty(engine, "needsWork", {
      get: () => errors.length < 3,
      configurable: true,
    });
    loop.flush();
    loop.afterCall();
    await nextLoopTurn();
    expect(errors.map(String)).toEqual(["Error: bad flush", "Error: bad work", "Error: bad flush"]);
    Object.assign(engine, { flush, work });
    link.connection?.receive(PINGREQ, 1);
    loop.flush();
    expect(answered()).toEqual([true]);
  });
});
