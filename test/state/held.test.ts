import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Held, HeldSuback } from "../../src/state/held.js";
import { delivery } from "../support/session-parts.js";

describe("what waits for the Store", () => {
  it("[M26] [MQTT-4.6.0-2] comes out in the order it went in, as far as it is durable", () => {
    const held = new Held();
    const suback = new HeldSuback({ type: PacketType.SUBACK, packetId: 1, returnCodes: [0] }, [
      { topicFilter: "t", requestedQos: 0 },
    ]);
    const waiting = delivery({ qos: 2 });
    const upTo = (committedTicket: number) => ({
      isSettled: (ticket: number) => ticket <= committedTicket,
      isSettledUpTo: (ticket: number) => ticket <= committedTicket,
      isDurable: (ticket: number) => ticket <= committedTicket,
      isDurableUpTo: (ticket: number) => ticket <= committedTicket,
    });
    held.push(1, 0x400001);
    held.push(1, waiting);
    held.push(2, suback);
    expect([held.length, held.deliveryCount]).toEqual([3, 1]);
    expect(held.shift(upTo(0))).toBeUndefined();
    expect(held.shift(upTo(1))).toBe(0x400001);
    expect(held.shift(upTo(1))).toBe(waiting);
    expect(held.deliveryCount).toBe(0);
    expect(held.shift(upTo(1))).toBeUndefined();
    expect(held.shift(upTo(2))).toBe(suback);
    expect([held.length, held.shift(upTo(9))]).toEqual([0, undefined]);
    held.push(3, 7);
    expect(held.shift(upTo(3))).toBe(7);
  });

  it("[M26] waits for its own turn alone, for all turns up to one, or only for those before it", () => {
    const settled = new Set<number>();
    let committedTicket = 0;
    const store = {
      isSettled: (ticket: number) => settled.has(ticket),
      isSettledUpTo: (ticket: number) => ticket <= committedTicket,
      isDurable: () => false,
      isDurableUpTo: () => false,
    };
    const held = new Held();
    held.push(2, 2);
    held.push(0, 0);
    held.pushBehindAll(3, 3);
    expect(held.shift(store)).toBeUndefined();
    settled.add(2).add(3);
    expect([held.shift(store), held.shift(store), held.shift(store)]).toEqual([2, 0, undefined]);
    committedTicket = 3;
    expect(held.shift(store)).toBe(3);
  });

  it("[M26] a delivery waits for the Store alone, whatever its publisher's acknowledgement waits for", () => {
    const committed = { ticket: 0 };
    const onlyDurable = {
      isSettled: () => false,
      isSettledUpTo: () => false,
      isDurable: (ticket: number) => ticket <= committed.ticket,
      isDurableUpTo: (ticket: number) => ticket <= committed.ticket,
    };
    const held = new Held();
    const deliveries = [delivery({ qos: 1 }), delivery({ qos: 2 })] as const;
    held.push(1, deliveries[0]);
    held.pushBehindAll(2, deliveries[1]);
    held.push(1, 0x400001);
    expect(held.shift(onlyDurable)).toBeUndefined();
    committed.ticket = 1;
    expect([held.shift(onlyDurable), held.shift(onlyDurable)]).toEqual([deliveries[0], undefined]);
    committed.ticket = 2;
    expect([held.shift(onlyDurable), held.shift(onlyDurable)]).toEqual([deliveries[1], undefined]);
  });
});
