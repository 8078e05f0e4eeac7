import { describe, expect, it } from "vitest";
import { encode, PacketType } from "../../src/codec/index.js";
import { Broker, type Connection } from "../../src/engine.js";
import { FlushScheduler } from "../../src/net/flush-scheduler.js";
import { FakeLink } from "../support/fake-link.js";
import { connectPacket } from "./raw-client.js";

const PINGREQ = encode({ type: PacketType.PINGREQ });
const nextLoopTurn = (): Promise<void> => new Promise(setImmediate);

function scene(clients = 1) {
  const engine = new Broker({ makeClientId: () => "made" });
  const errors: unknown[] = [];
  const scheduler = new FlushScheduler(engine, (error) => errors.push(error));
  const links: FakeLink[] = [];
  const connections: Connection[] = [];
  for (let index = 0; index < clients; index += 1) {
    const link = new FakeLink();
    const connection = engine.open(link, 1);
    connection.receive(encode(connectPacket({ clientId: `client-${index}` })), 1);
    links.push(link);
    connections.push(connection);
  }
  engine.flush();
  for (const link of links) link.received();
  const answered = (): boolean[] => links.map((link) => link.received().length > 0);
  return { engine, scheduler, errors, connections, answered };
}

describe("FlushScheduler", () => {
  it("flushes the first four read events of a loop turn at once, later ones at its end", async () => {
    const { scheduler, connections, answered } = scene(6);
    for (const connection of connections) {
      connection.receive(PINGREQ, 1);
      scheduler.afterRead();
    }
    expect(answered()).toEqual([true, true, true, true, false, false]);
    await nextLoopTurn();
    expect(answered()).toEqual([false, false, false, false, true, true]);
  });

  it("lets a read event that touches more than eight connections wait for the turn's end", async () => {
    const { engine, scheduler, connections, answered } = scene(9);
    const pingFrom = (count: number): void => {
      for (const connection of connections.slice(0, count)) connection.receive(PINGREQ, 1);
      scheduler.afterRead();
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
    const { scheduler, connections, answered } = scene(5);
    const readAll = (): void => {
      for (const connection of connections) {
        connection.receive(PINGREQ, 1);
        scheduler.afterRead();
      }
    };
    readAll();
    await nextLoopTurn();
    answered();
    readAll();
    expect(answered()).toEqual([true, true, true, true, false]);
  });

  it("flushes what other calls caused at the end of the loop turn", async () => {
    const { engine, scheduler, connections, answered } = scene();
    connections[0]?.receive(PINGREQ, 1);
    scheduler.afterCall();
    expect(engine.unflushedCount).toBe(1);
    await nextLoopTurn();
    expect(answered()).toEqual([true]);
  });

  it("flushes at once when asked to", () => {
    const { scheduler, connections, answered } = scene();
    connections[0]?.receive(PINGREQ, 1);
    scheduler.flush();
    expect(answered()).toEqual([true]);
  });

  it("[D18] goes on with what is owed until nothing is left", async () => {
    const { engine, scheduler, connections, answered } = scene();
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
    connections[0]?.receive(subscribe, 1);
    scheduler.afterRead();
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

  it("runs deferred calls after the turn, in order, those they defer later", async () => {
    const { scheduler } = scene();
    const ran: string[] = [];
    scheduler.defer(() => {
      ran.push("first");
      scheduler.defer(() => ran.push("third"));
      scheduler.afterCall(); // as each input of the engine does
    });
    scheduler.defer(() => ran.push("second"));
    expect(ran).toEqual([]);
    scheduler.afterCall();
    expect(ran).toEqual(["first", "second"]);
    await nextLoopTurn();
    expect(ran).toEqual(["first", "second", "third"]);
    expect(scheduler.isBusy).toBe(false);
  });

  it("[M06] goes on when a deferred call throws, and tells what it threw", async () => {
    const { scheduler, errors } = scene();
    const ran: string[] = [];
    scheduler.defer(() => {
      throw new Error("bad");
    });
    scheduler.defer(() => ran.push("next"));
    await nextLoopTurn();
    expect(ran).toEqual(["next"]);
    expect(errors).toEqual([new Error("bad")]);
    expect(scheduler.isBusy).toBe(false);
  });

  it("is busy in a turn of the engine", () => {
    const busy: boolean[] = [];
    const engine = new Broker({
      makeClientId: () => "made",
      events: { onPublish: () => busy.push(scheduler.isBusy) },
    });
    const scheduler = new FlushScheduler(engine, () => undefined);
    engine.publish({ topicName: "t", payload: Buffer.from("x"), qos: 0, retain: false }, 1);
    expect(busy).toEqual([true]);
    expect(scheduler.isBusy).toBe(false);
  });

  it("does not flush inside a flush", () => {
    const { engine, scheduler, connections } = scene();
    const original = engine.flush.bind(engine);
    let depth = 0;
    let deepest = 0;
    engine.flush = () => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      scheduler.flush();
      original();
      depth -= 1;
    };
    connections[0]?.receive(PINGREQ, 1);
    scheduler.flush();
    expect(deepest).toBe(1);
  });

  it("goes on after a bug of the engine: it is told, and the next flush happens", async () => {
    const { engine, scheduler, errors, connections, answered } = scene();
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
    scheduler.flush();
    scheduler.afterCall();
    await nextLoopTurn();
    expect(errors.map(String)).toEqual(["Error: bad flush", "Error: bad work", "Error: bad flush"]);
    Object.assign(engine, { flush, work });
    connections[0]?.receive(PINGREQ, 1);
    scheduler.flush();
    expect(answered()).toEqual([true]);
  });
});
