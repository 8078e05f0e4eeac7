import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readUint32, StampAt } from "../src/message-stamp.js";
import type { QoS } from "../src/mqtt.js";
import { PublishBlock } from "../src/packets.js";
import { Peer } from "../src/peer.js";
import { IN_FLIGHT_MAX, type Pace, Sender } from "../src/sender.js";

/** A peer whose socket is the test: takes bytes at once or keeps them waiting. */
class FakePeer extends Peer {
  readonly written: Uint8Array[] = [];
  takes = true;
  whenTaken: () => void = () => undefined;

  constructor() {
    super("sender", 0, "s", {
      chunkBegins: () => undefined,
      repliesWait: () => undefined,
      message: () => undefined,
      acknowledged: () => undefined,
      lost: () => undefined,
    });
  }

  override get open(): boolean {
    return true;
  }

  override write(bytes: Uint8Array, whenTaken: () => void): boolean {
    this.written.push(Uint8Array.from(bytes));
    this.whenTaken = whenTaken;
    return this.takes;
  }
}

const PAYLOAD_BYTES = 16;
let peer: FakePeer;

beforeEach(() => {
  peer = new FakePeer();
});

afterEach(() => {
  peer.written.length = 0;
});

function senderOf(qos: QoS, pace: Pace, capacity = 100): Sender {
  const shape = { topicName: "t", qos, payloadBytes: PAYLOAD_BYTES, run: 1, sender: 0 };
  const sender = new Sender(peer, new PublishBlock({ ...shape, capacity }), undefined, qos, pace);
  sender.stopped = false;
  return sender;
}

/** Counters of all messages written, write by write. */
function counters(qos: QoS): number[][] {
  const packetBytes = 2 + 3 + (qos > 0 ? 2 : 0) + PAYLOAD_BYTES;
  return peer.written.map((bytes) =>
    Array.from({ length: bytes.length / packetBytes }, (_, at) =>
      readUint32(bytes, (at + 1) * packetBytes - PAYLOAD_BYTES + StampAt.COUNTER),
    ),
  );
}

describe("a sender in the closed loop", () => {
  it("fills its window with one write and then waits", () => {
    const sender = senderOf(0, { window: 3, open: false });
    sender.pump();
    sender.pump();
    expect(counters(0)).toEqual([[0, 1, 2]]);
    expect(sender.outstanding).toBe(3);
  });

  it("sends as many as are through", () => {
    const sender = senderOf(0, { window: 3, open: false });
    sender.pump();
    sender.delivered = 2;
    sender.pump();
    expect(counters(0)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
  });

  it("at QoS 1 waits for the receiver and for the acknowledgement, whichever is later", () => {
    const sender = senderOf(1, { window: 2, open: false });
    sender.pump();
    sender.delivered = 2;
    sender.pump();
    expect(counters(1)).toEqual([[0, 1]]);
    sender.acknowledge(1);
    sender.pump();
    expect(counters(1)).toEqual([[0, 1], [2]]);
  });

  it("needs several writes for a window larger than its block", () => {
    senderOf(0, { window: 5, open: false }, 2).pump();
    expect(counters(0)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it("writes nothing more until the kernel has taken the last write", () => {
    const sender = senderOf(0, { window: 5, open: false }, 2);
    peer.takes = false;
    sender.pump();
    sender.pump();
    expect(counters(0)).toEqual([[0, 1]]);
    peer.takes = true;
    peer.whenTaken();
    expect(counters(0)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it("sends nothing once stopped", () => {
    const sender = senderOf(0, { window: 5, open: false });
    sender.stopped = true;
    sender.pump();
    expect(peer.written).toEqual([]);
  });
});

describe("a sender in the open loop", () => {
  it("sends what is due, stamped with the time it was due at, however late it is", () => {
    const sender = senderOf(0, { window: 1, open: true });
    sender.schedule(1000, 250);
    sender.due = 2;
    sender.pump();
    sender.due = 3;
    sender.pump();
    expect(counters(0)).toEqual([[0, 1], [2]]);
    const stamps = peer.written.map((bytes) => readUint32(bytes, bytes.length - 4));
    expect(stamps).toEqual([1250, 1500]);
  });

  it("keeps what is due for later while the kernel is full", () => {
    const sender = senderOf(0, { window: 1, open: true });
    sender.schedule(1000, 250);
    peer.takes = false;
    sender.due = 1;
    sender.pump();
    sender.due = 4;
    sender.pump();
    expect(counters(0)).toEqual([[0]]);
    peer.takes = true;
    peer.whenTaken();
    expect(counters(0)).toEqual([[0], [1, 2, 3]]);
    expect(readUint32(peer.written[1] as Uint8Array, 5 + StampAt.TIME)).toBe(1250);
  });

  it("[MQTT-2.3.1-2] never has more in flight than there are Packet Identifiers", () => {
    const sender = senderOf(1, { window: 1, open: true }, 512);
    sender.due = 70_000;
    sender.pump();
    expect(sender.sent).toBe(IN_FLIGHT_MAX);
    sender.acknowledge(1);
    sender.pump();
    expect(sender.sent).toBe(IN_FLIGHT_MAX + 1);
  });
});

describe("acknowledgements", () => {
  it("[MQTT-4.6.0-2] that come out of order, twice or unasked are counted as stray", () => {
    const sender = senderOf(1, { window: 3, open: false });
    sender.pump();
    sender.acknowledge(1);
    expect(sender.strayAcks).toBe(0);
    sender.acknowledge(3);
    expect(sender.strayAcks).toBe(1);
    sender.acknowledge(3);
    expect(sender.strayAcks).toBe(1);
    expect(sender.acknowledge(4)).toBe(-1);
    expect([sender.strayAcks, sender.acked]).toEqual([2, 3]);
  });

  it("are expected with Packet Identifiers 1 to 65535, round and round", () => {
    const sender = senderOf(1, { window: 60_000, open: false }, 512);
    sender.pump();
    for (let message = 0; message < 70_000; message += 1) {
      sender.acknowledge((message % 65_535) + 1);
      sender.delivered += 1;
      if (message % 512 === 0) sender.pump();
    }
    expect(sender.strayAcks).toBe(0);
    expect(sender.acked).toBe(70_000);
  });
});
