import { describe, expect, it } from "vitest";
import {
  encode,
  PacketReader,
  type PacketReaderOptions,
  PacketStream,
  PacketType,
} from "../../src/codec/index.js";
import { hashBytes } from "../../src/codec/raw.js";

// Topics that were met before are recognised without being checked again: nothing of that may show.

/** A PUBLISH on any topic, also on one that `encode` refuses. */
function publish(topic: string): Uint8Array {
  const name = new TextEncoder().encode(topic);
  return Uint8Array.from([0x30, name.length + 3, 0, name.length, ...name, 0x61]);
}

/** The Topic Names of a stream that gets one packet a chunk, or the code it fails with. */
function topicsOf(topics: readonly string[], options: PacketReaderOptions = {}): string[] {
  const stream = new PacketStream(options);
  return topics.map((topic) => {
    stream.push(publish(topic));
    try {
      const packet = stream.next();
      return packet?.type === PacketType.PUBLISH ? packet.topicName : "nothing";
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
}

describe("a topic met before", () => {
  it("[MQTT-3.3.2-2] is refused in a PUBLISH when it was met in a SUBSCRIBE and has wildcards", () => {
    const requests = [{ topicFilter: "known/+/state", requestedQos: 0 }] as const;
    const stream = new PacketStream();
    for (let round = 1; round < 4; round++) {
      stream.push(encode({ type: PacketType.SUBSCRIBE, packetId: round, requests }));
      expect(stream.next()).toMatchObject({ requests });
    }
    const names = topicsOf(["known/1/state", "known/1/state", "known/+/state"]);
    expect(names).toEqual(["known/1/state", "known/1/state", "wildcard-in-topic-name"]);
  });

  it("[MQTT-1.5.3-2] is refused by readers with stricter rules", () => {
    const twice = (topic: string) => ["known/a", topic, topic];
    const once = (topic: string) => ["known/a", "known/a", topic];
    const control = "known/\u0001/x";
    expect(topicsOf(twice(control), { controlCharacters: "accept" }).at(-1)).toBe(control);
    expect(topicsOf(once(control)).at(-1)).toBe("disallowed-character");
    const deep = "known/1/2/3";
    expect(topicsOf(twice(deep)).at(-1)).toBe(deep);
    expect(topicsOf(twice(deep), { topicLevelsMax: 4 }).at(-1)).toBe(deep);
    expect(topicsOf(once(deep), { topicLevelsMax: 3 }).at(-1)).toBe("too-many-topic-levels");
  });

  it("is not taken for the one of the packet before", () => {
    const topics = ["known/a", "known/a", "known/a", "known/b", "known/\u00e9", "k", "known/a"];
    expect(topicsOf(topics)).toEqual(topics);
    expect(topicsOf(topics, { topicLevelsMax: 2 })).toEqual(topics);
    expect(topicsOf(topics, { lazyPayload: true })).toEqual(topics);
  });

  it("has its name whatever other readers read between advance and packet", () => {
    const one = new PacketReader();
    for (let round = 0; round < 3; round++) {
      one.push(publish("known/kept/name"));
      expect(one.advance()).toBe(true);
      // More names than can be remembered.
      topicsOf(Array.from({ length: 3000 }, (_, index) => `known/other/${index}`));
      expect(one.packet()).toMatchObject({ topicName: "known/kept/name" });
    }
  });

  it("has its hash", () => {
    const reader = new PacketReader();
    const packet = publish("known/hash/x");
    for (let round = 0; round < 3; round++) {
      reader.push(packet);
      expect(reader.advance()).toBe(true);
      expect(reader.topicHash).toBe(hashBytes(packet, 4, packet.length - 1));
      reader.packet();
    }
  });
});
