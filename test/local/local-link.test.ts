import { describe, expect, it } from "vitest";
import { encode, PacketType } from "../../src/codec/index.js";
import { Broker, type EngineOptions } from "../../src/engine.js";
import { LocalLink } from "../../src/local/local-link.js";
import { nowMs } from "../../src/net/clock.js";
import { EngineLoop } from "../../src/net/engine-loop.js";
import { connectPacket, publishPacket } from "../net/raw-client.js";

const CONNACK = "20020000";
const nextLoopTurn = (): Promise<void> => new Promise(setImmediate);

function scene(options: Partial<EngineOptions> = {}) {
  const engine = new Broker({ makeClientId: () => "made", ...options });
  const loop = new EngineLoop(engine, () => undefined);
  const heard: string[] = [];
  const link = new LocalLink(loop, {
    receive: (bytes) => heard.push(Buffer.from(bytes).toString("hex")),
    ended: () => heard.push("ended"),
  });
  return { engine, loop, heard, link };
}

describe("LocalLink", () => {
  it("delivers both ways, later", async () => {
    const { heard, link } = scene();
    link.send(encode(connectPacket()));
    expect(heard).toEqual([]);
    await nextLoopTurn();
    expect(heard).toEqual([CONNACK]);
    expect([link.unsentBytes, link.remoteAddress]).toEqual([0, "in-process"]);
  });

  it("never delivers to the Client inside a turn of the engine", async () => {
    const seen: boolean[] = [];
    const engine = new Broker({ makeClientId: () => "made" });
    const loop = new EngineLoop(engine, () => undefined);
    const peer = { receive: () => seen.push(engine.inTurn), ended: () => seen.push(engine.inTurn) };
    const link = new LocalLink(loop, peer);
    link.send(encode(connectPacket({ clientId: "", cleanSession: false }))); // refused: flushed in the turn
    await nextLoopTurn();
    expect(seen).toEqual([false, false]);
  });

  it("says when the engine has worked on what was sent", async () => {
    const { engine, link } = scene();
    link.send(encode(connectPacket()));
    const received = new Promise<number>((resolve) =>
      link.send(encode(publishPacket("t", "x")), () => resolve(engine.stats.messagesReceived)),
    );
    expect(await received).toBe(1);
  });

  it("keeps the order of flushed blocks and referenced payloads, as a copy", async () => {
    const { engine, heard, link } = scene();
    link.send(encode(connectPacket({ clientId: "A" })));
    await nextLoopTurn();
    const payload = Buffer.alloc(5_000, "p");
    const message = { parent: "t", qos: 0 as const, payload };
    engine.sendToClient("A", { ...message, payload: Buffer.from("first") }, nowMs());
    engine.sendToClient("A", message, nowMs());
    engine.sendToClient("A", { ...message, payload: Buffer.from("last") }, nowMs());
    engine.flush();
    engine.sendToClient("A", { ...message, payload: Buffer.from("again") }, nowMs()); // into the same block
    await Promise.resolve();
    const text = Buffer.from(heard[1] as string, "hex").toString();
    expect(text).toMatch(/first.*p{5000}.*last/s);
  });

  it("[M20] waits while the engine does not read, and loses nothing", async () => {
    let accept = (): void => undefined;
    const { engine, heard, link } = scene({
      policy: {
        authenticate: (_attempt, answer) => {
          accept = () => answer({ kind: "accepted" }, nowMs());
        },
      },
    });
    link.send(encode(connectPacket()));
    link.send(encode(publishPacket("t", "1", 1, 1)));
    await nextLoopTurn();
    link.send(encode(publishPacket("t", "2", 1, 2)));
    await nextLoopTurn();
    expect(heard).toEqual([]);
    accept();
    engine.flush();
    await nextLoopTurn();
    await nextLoopTurn();
    expect(heard.join("")).toBe(`${CONNACK}4002000140020002`);
  });

  it("tells the end once, after what was sent before, and the fate of what was not", async () => {
    const { engine, heard, link } = scene();
    const taken: boolean[] = [];
    link.send(encode(connectPacket({ clientId: "A" })));
    await nextLoopTurn();
    link.send(encode({ type: PacketType.PINGREQ }), (isTaken) => taken.push(isTaken));
    engine.disconnect("A", nowMs());
    link.close();
    link.abort();
    link.send(encode({ type: PacketType.PINGREQ }), (isTaken) => taken.push(isTaken));
    await nextLoopTurn();
    expect(heard).toEqual([CONNACK, "ended"]);
    expect(taken).toEqual([false, false]);
  });

  it("[MQTT-3.1.2-8] abort is a lost connection to the engine", async () => {
    const { engine, heard, link } = scene();
    link.send(encode(connectPacket()));
    await nextLoopTurn();
    link.abort();
    expect(engine.stats.connections).toBe(1);
    await nextLoopTurn();
    expect(engine.stats.closes.get("connection-lost")).toBe(1);
    expect(heard).toEqual([CONNACK, "ended"]);
  });

  it("flushes nothing to a Client that is gone", async () => {
    const { engine, loop, heard, link } = scene();
    link.send(encode(connectPacket({ clientId: "A" })));
    await nextLoopTurn();
    link.abort();
    engine.sendToClient("A", { parent: "t", qos: 0, payload: Buffer.from("x") }, nowMs());
    loop.flush();
    await nextLoopTurn();
    expect(heard).toEqual([CONNACK, "ended"]);
  });

  it("a bug of ours costs the connection that met it, not the process", async () => {
    const engine = new Broker({ makeClientId: () => "made" });
    const errors: unknown[] = [];
    const heard: string[] = [];
    const loop = new EngineLoop(engine, (error) => errors.push(error));
    engine.receive = () => {
      throw new Error("bad receive");
    };
    const link = new LocalLink(loop, {
      receive: () => heard.push("bytes"),
      ended: () => heard.push("ended"),
    });
    link.send(encode(connectPacket()));
    await nextLoopTurn();
    await nextLoopTurn();
    expect(errors).toEqual([new Error("bad receive")]);
    expect(heard).toEqual(["ended"]);
    expect(engine.stats.connections).toBe(0);
  });
});
