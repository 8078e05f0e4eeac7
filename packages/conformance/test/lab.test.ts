import { describe, expect, it } from "vitest";
import { Lab, need, sameOr } from "../src/lab.js";
import { NotObservable } from "../src/outcome.js";
import { connack, DISCONNECT, hex, PINGRESP, publish } from "../src/packets.js";
import { sameBytes } from "../src/received.js";
import { ScriptedTarget } from "./scripted-target.js";

/** A broker that accepts every CONNECT and answers every ping. */
function accepting(answer = connack(0)): ScriptedTarget {
  return new ScriptedTarget({
    received: (bytes, events) => {
      if (bytes[0] === 0x10) events.received(answer);
      if (bytes[bytes.length - 2] === 0xc0) events.received(PINGRESP);
    },
  });
}

describe("a lab", () => {
  it("gives its case names of its own, of at most 23 alphanumeric characters", () => {
    const lab = new Lab(accepting(), "cabcd01z");
    expect(lab.clientId("n12")).toMatch(/^[a-z0-9]{1,23}$/);
    expect(lab.topic("a/b")).toBe("cabcd01z/a/b");
    expect(lab.level).toBe("cabcd01z");
  });

  it("sends the credentials it was told in every CONNECT, unless the case has its own", () => {
    const lab = new Lab(accepting(), "c", { username: "u", password: "p" });
    expect(new TextDecoder().decode(lab.connectPacket()).endsWith("\0\u0001u\0\u0001p")).toBe(true);
    const own = new TextDecoder().decode(lab.connectPacket({ password: "q" }));
    expect(own.endsWith("q")).toBe(true);
  });

  it("connects, and minds what the CONNACK says about the Session", async () => {
    const lab = new Lab(accepting(connack(0, true)), "c");
    await lab.durable("a", true);
    await lab.durable("a", "either");
    await expect(lab.durable("a")).rejects.toThrow("got CONNACK (20 02 01 00)");
    const refusing = new Lab(accepting(connack(5)), "c");
    await expect(refusing.connect({}, "either")).rejects.toThrow("accepting CONNACK");
  });

  it("sees a refusal with and without CONNACK, and cannot tell when there is none", async () => {
    const closing = new ScriptedTarget({ received: (_bytes, events) => events.closed() });
    const refused = await new Lab(closing, "c").dial();
    refused.send(hex`10 00`);
    await new Lab(closing, "c").expectRefusal(refused);
    const lab = new Lab(accepting(), "c");
    const accepted = (await lab.dial()).send(lab.connectPacket());
    await expect(lab.expectRefusal(accepted)).rejects.toThrow(NotObservable);
  });

  it("lets time pass on the clock of its target", async () => {
    const target = accepting();
    await new Lab(target, "c").sleep(1_234);
    expect(target.clock.now()).toBe(1_234);
  });

  it("cannot tell what it was not told", () => {
    const lab = new Lab(accepting(), "c", { window: 7 });
    expect(lab.know("window")).toBe(7);
    expect(() => lab.know("forbiddenTopic")).toThrow(NotObservable);
  });

  it("takes back durable Sessions and retained messages, its own only", async () => {
    const target = accepting();
    const lab = new Lab(target, "cxyz");
    const client = await lab.durable("d");
    client.send(publish({ topicName: lab.topic("kept"), payload: "x", retain: true }));
    client.send(publish({ topicName: "somebody's", payload: "x", retain: true }));
    client.send(hex`31 05 ffff`);
    const before = target.sent.length;
    await lab.cleanUp();
    const after = target.sent.slice(before);
    const clean = (bytes: Uint8Array) => bytes[0] === 0x10 && ((bytes[9] ?? 0) & 2) === 2;
    expect(after.filter(clean)).toHaveLength(2);
    const wiped = publish({ topicName: lab.topic("kept"), retain: true });
    expect(after.some((bytes) => sameBytes(bytes, wiped))).toBe(true);
    expect(after.filter((bytes) => bytes[0] === 0x31)).toHaveLength(1);
    expect(after.some((bytes) => sameBytes(bytes, DISCONNECT))).toBe(true);
  });

  it("does not mind a broker that is gone when it cleans up", async () => {
    const target = accepting();
    const lab = new Lab(target, "c");
    await lab.durable("d");
    target.dial = () => Promise.reject(new Error("refused"));
    await expect(lab.cleanUp()).resolves.toBeUndefined();
  });

  it("states what a case relies on", () => {
    expect(() => need(false, "no")).toThrow("no");
    expect(() => need(true, "no")).not.toThrow();
    expect(() => sameOr(PINGRESP, DISCONNECT, "other")).toThrow("other: PINGRESP");
  });
});
