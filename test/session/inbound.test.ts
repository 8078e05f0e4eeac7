import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../src/protocol/errors.js";
import { Inbound } from "../../src/session/inbound.js";

// The rows of "QoS 2 as receiver" in spec-notes/state-machines.md.
describe("QoS 2 as receiver", () => {
  it("[MQTT-4.3.3-2] unknown + PUBLISH: a new message, open from now on", () => {
    const inbound = new Inbound({ inboundInFlightMax: 10 });
    expect(inbound.awaitsPubrel(7)).toBe(false);
    expect(inbound.receive(7)).toBe(true);
    expect(inbound.awaitsPubrel(7)).toBe(true);
    expect(inbound.size).toBe(1);
  });

  it("[MQTT-4.3.3-2] [M4] open + PUBLISH: a repeat, however often", () => {
    const inbound = new Inbound({ inboundInFlightMax: 10 });
    inbound.receive(7);
    expect([inbound.receive(7), inbound.receive(7)]).toEqual([false, false]);
    expect(inbound.size).toBe(1);
  });

  it("[MQTT-4.3.3-2] open + PUBREL: free, and the next PUBLISH is new", () => {
    const inbound = new Inbound({ inboundInFlightMax: 10 });
    inbound.receive(7);
    expect(inbound.release(7)).toBe(true);
    expect(inbound.awaitsPubrel(7)).toBe(false);
    expect(inbound.receive(7)).toBe(true);
  });

  it("[M13] unknown + PUBREL: nothing to free", () => {
    const inbound = new Inbound({ inboundInFlightMax: 10 });
    expect(inbound.release(7)).toBe(false);
    inbound.receive(8);
    expect(inbound.release(7)).toBe(false);
    expect(inbound.size).toBe(1);
  });

  it("[M36] has a number as long as it is open: none before, and none behind PUBREL", () => {
    const inbound = new Inbound({ inboundInFlightMax: 10 });
    inbound.setNumber(7, 40); // nothing waits for PUBREL any more: nothing to remember
    expect(inbound.numberOf(7)).toBe(0);
    inbound.receive(7);
    expect(inbound.numberOf(7)).toBe(0);
    inbound.setNumber(7, 41);
    inbound.setNumber(8, 42);
    expect([...inbound.numbered()]).toEqual([{ packetId: 7, number: 41, isReleased: false }]);
    inbound.release(7);
    expect([inbound.numberOf(7), inbound.numberOf(8)]).toEqual([0, 0]);
    expect([...inbound.numbered()]).toEqual([]);
  });

  it("[E11] at the bound all is well, one past it is a violation; a repeat is none", () => {
    const inbound = new Inbound({ inboundInFlightMax: 2 });
    inbound.receive(1);
    inbound.receive(2);
    expect(inbound.receive(1)).toBe(false);
    expect(() => inbound.receive(3)).toThrow(ProtocolError);
    expect(inbound.size).toBe(2);
    inbound.release(1);
    expect(inbound.receive(3)).toBe(true);
  });

  it("tells what is open in order of arrival", () => {
    const inbound = new Inbound({ inboundInFlightMax: 10 });
    expect([...inbound.packetIds()]).toEqual([]);
    for (const packetId of [5, 65_535, 1]) inbound.receive(packetId);
    inbound.release(65_535);
    expect([...inbound.packetIds()]).toEqual([5, 1]);
  });

  it("costs nothing before the first QoS 2 message", () => {
    expect(new Inbound({ inboundInFlightMax: 10 }).size).toBe(0);
  });

  it("follows its limit, for Sessions that are there too", () => {
    const limits = { inboundInFlightMax: 1 };
    const inbound = new Inbound(limits);
    inbound.receive(1);
    expect(() => inbound.receive(2)).toThrow(
      expect.objectContaining({ code: "too-many-inbound-in-flight" }),
    );
    limits.inboundInFlightMax = 2;
    expect(inbound.receive(2)).toBe(true);
  });
});
