import { describe, expect, it, vi } from "vitest";
import { newTally } from "../src/counts.js";
import { type BridgedBroker, Inbound, type PoisonMessage } from "../src/inbound.js";
import { TroubleLog } from "../src/trouble-log.js";
import { received } from "./fake-adapter.js";

class UsageError extends Error {
  override readonly name = "UsageError";
}

function world(broker: Partial<BridgedBroker> = {}) {
  const tally = newTally();
  const lines: string[] = [];
  const log = new TroubleLog({ warn: (line) => lines.push(line) }, Date.now);
  const poison: PoisonMessage[] = [];
  const options = {
    group: "me",
    maxAgeMs: 60_000,
    onPoison: (one: PoisonMessage) => poison.push(one),
  };
  const publish = vi.fn<BridgedBroker["publish"]>(broker.publish ?? (async () => undefined));
  const sendToClient = vi.fn<BridgedBroker["sendToClient"]>(
    broker.sendToClient ?? (async () => "sent"),
  );
  const inbound = new Inbound({ publish, sendToClient }, options, tally, log);
  return { inbound, tally, lines, poison, publish, sendToClient };
}

describe("a message from RocketMQ", () => {
  it("is published", async () => {
    const { inbound, publish, tally } = world();
    const message = received({ mqttSecondTopic: "/a", qoslevel: "2" });
    expect(await inbound.handle(message)).toBe("done");
    expect(publish).toHaveBeenCalledWith({ topicName: "demo/a", payload: message.body, qos: 2 });
    expect(tally).toMatchObject({ received: 1, redelivered: 0, postponed: 0 });
  });

  it("[S8] is sent to one client", async () => {
    const { inbound, sendToClient } = world();
    const message = received({ mqttSecondTopic: "/p2p/A" });
    expect(await inbound.handle(message)).toBe("done");
    const sent = { parent: "demo", payload: message.body, qos: 1 };
    expect(sendToClient).toHaveBeenCalledWith("A", sent);
    const more = { mqttRealTopic: "shown", cleansessionflag: "false" };
    await inbound.handle(received({ mqttSecondTopic: "/p2p/A", ...more }));
    const all = { ...sent, topicName: "demo/shown", keepOffline: true };
    expect(sendToClient).toHaveBeenLastCalledWith("A", all);
  });

  it.each(["sent", "queued", "offline", "denied", "dropped"])(
    "is done when it is %s",
    async (outcome) => {
      const { inbound } = world({ sendToClient: async () => outcome });
      expect(await inbound.handle(received({ mqttSecondTopic: "/p2p/A" }))).toBe("done");
    },
  );

  it("[M26] is left to RocketMQ when the disk has failed", async () => {
    const { inbound, tally, lines } = world({
      publish: () => Promise.reject(new Error("the disk is full")),
      sendToClient: async () => "store-failed",
    });
    expect(await inbound.handle(received())).toBe("again");
    expect(await inbound.handle(received({ mqttSecondTopic: "/p2p/A" }))).toBe("again");
    expect(tally.postponed).toBe(2);
    expect(lines).toEqual([
      "the RocketMQ message M1 of topic demo is left with RocketMQ: the disk is full",
    ]);
  });

  it("is dropped when it can never be delivered, and whoever wants to know is told", async () => {
    const wrong = (): never => {
      throw new UsageError("parent is wrong");
    };
    const { inbound, tally, lines, poison } = world({ publish: wrong });
    expect(await inbound.handle(received({ qoslevel: "9" }))).toBe("done");
    expect(await inbound.handle(received())).toBe("done");
    expect(tally.poison).toBe(2);
    expect(poison.map(({ why }) => why)).toEqual([
      "its qoslevel is none of 0, 1 and 2",
      "parent is wrong",
    ]);
    expect(lines).toEqual([
      "the RocketMQ message M1 of topic demo can never be delivered and was dropped: its qoslevel is none of 0, 1 and 2",
    ]);
  });

  it("is dropped, too, when whoever wants to know throws", async () => {
    const tally = newTally();
    const log = new TroubleLog({}, Date.now);
    const onPoison = (): never => {
      throw new Error("mine");
    };
    const options = { group: "me", maxAgeMs: 0, onPoison };
    const { publish, sendToClient } = world();
    const inbound = new Inbound({ publish, sendToClient }, options, tally, log);
    expect(await inbound.handle(received({ qoslevel: "9" }))).toBe("done");
  });

  it("is dropped when it is too old, or this broker's own", async () => {
    const { inbound, tally, publish } = world();
    expect(await inbound.handle(received({}, { bornMs: 0 }))).toBe("done");
    expect(await inbound.handle(received({ beelineNode: "me" }))).toBe("done");
    expect(tally).toMatchObject({ tooOld: 1, own: 1 });
    expect(publish).not.toHaveBeenCalled();
  });

  it("is counted when it comes again", async () => {
    const { inbound, tally } = world();
    await inbound.handle(received({}, { attempt: 2 }));
    expect(tally).toMatchObject({ received: 1, redelivered: 1 });
  });

  it.each([
    ["ClosedError", "again", 0],
    ["UsageError", "done", 1],
  ])("of which the broker says %s is %s", async (name, handled, poison) => {
    const error = Object.assign(new Error("the broker is closed"), { name });
    const { inbound, tally } = world({ publish: () => Promise.reject(error) });
    expect(await inbound.handle(received())).toBe(handled);
    expect(tally.poison).toBe(poison);
  });

  it("is left to RocketMQ when the broker closes", async () => {
    const { inbound, publish } = world({ publish: () => Promise.reject(new Error("closed")) });
    const handled = inbound.handle(received());
    inbound.close();
    expect(await handled).toBe("again");
    expect(await inbound.handle(received())).toBe("again");
    expect(publish).toHaveBeenCalledTimes(1);
  });
});
