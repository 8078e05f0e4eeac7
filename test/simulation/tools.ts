import { writeConnack } from "../../src/codec/raw.js";
import {
  covers,
  encode,
  isValidTopicFilter,
  isValidTopicName,
  type Packet,
  PacketReader,
  type PacketReaderOptions,
  PacketStream,
  PacketType,
  ProtocolError,
  RetainedTree,
  type Subscription,
  SubscriptionTrie,
} from "../../src/engine.js";
import { matches, overlap } from "../../src/topic/matches.js";
import { OrderedMap } from "../../src/topic/ordered-map.js";
import type { Random } from "../codec-fuzz/random.js";
import { connectPacket } from "../support/harness.js";
import { anyFilter, anyText, anyTopic } from "./texts.js";

/**
 * What a program around the engine does with the engine's own tools: each is held against a plain one.
 * Rule 14.
 *
 * @returns what is wrong; `undefined`: nothing.
 */
export function useTools(dice: Random): string | undefined {
  return dice.pick([tellOfFilters, searchTree, searchRetained, sortTexts, readInPieces])(dice);
}

/** A filter that covers another one matches what that matches, and both have something in common. */
function tellOfFilters(dice: Random): string | undefined {
  const [one, other, topicName] = [shortFilter(dice), shortFilter(dice), shortTopic(dice)];
  const [first, second] = [matches(one, topicName), matches(other, topicName)];
  const told = `${one} ${other} ${topicName}`;
  if (first && second && !overlap(one, other)) return `[14] overlap: ${told}`;
  if (covers(one, other) && second && !first) return `[14] covers: ${told}`;
  if (!overlap(one, other) && covers(one, other)) return `[14] covers without overlap: ${told}`;
  for (const text of [anyFilter(dice), anyTopic(dice), anyText(dice), "\ud800", "a\udc00", ""]) {
    const isFilter = isValidTopicFilter(text);
    if (isValidTopicName(text) && !isFilter) return `[14] validity: ${text}`;
  }
  return undefined;
}

/** The tree finds whom the plain matcher finds. */
function searchTree(dice: Random): string | undefined {
  const trie = new SubscriptionTrie<{ readonly filter: string }>();
  const there = new Map<string, { readonly filter: string }>();
  const count = dice.below(200);
  for (let left = count; left > 0; left -= 1) {
    const filter = anyKindOfFilter(dice);
    const subscriber = there.get(filter) ?? { filter };
    if (dice.oneIn(8)) trie.remove(filter, { filter }); // somebody who does not subscribe
    if (dice.oneIn(left < count / 2 ? 2 : 6)) {
      trie.remove(filter, subscriber);
      there.delete(filter);
    } else {
      trie.add(filter, subscriber, 1);
      there.set(filter, subscriber);
    }
  }
  const topicName = dice.pick([
    shortTopic(dice),
    `${shortTopic(dice)}/x/${dice.below(30)}`,
    `m/${dice.below(30)}/x/y`,
    LONG,
    `${LONG}/${dice.below(3)}`,
  ]);
  const found: Subscription<{ readonly filter: string }>[] = [];
  trie.match(topicName, found);
  const names = found.map(({ subscriber }) => subscriber.filter).sort();
  const wanted = [...there.keys()].filter((filter) => matches(filter, topicName)).sort();
  return names.join() === wanted.join() ? undefined : `[14] ${topicName}: ${names} and ${wanted}`;
}

/** Texts longer than a map key, and levels with many branches, one of each wildcard among them. */
function anyKindOfFilter(dice: Random): string {
  return dice.pick([
    shortFilter(dice),
    `${shortTopic(dice)}/+/${dice.below(30)}`,
    `m/${dice.below(30)}/#`,
    dice.pick(["m/+/x/+", "m/#", "m/+"]),
    `${LONG}${dice.pick(["", "/1", "/2", LONG])}`,
  ]);
}

const LONG = "long".repeat(2_500);

/** The same the other way round, with more topics than one block holds. */
function searchRetained(dice: Random): string | undefined {
  const tree = new RetainedTree<string>();
  const there = new Set<string>();
  const count = dice.oneIn(6) ? 2_000 : 40;
  const nameOf = (): string => (count > 40 ? `n/${dice.below(3_000)}` : shortTopic(dice));
  const isFalling = dice.oneIn(2);
  for (let left = 0; left < count * 2; left += 1) {
    const topicName = nameOf();
    if (left < count || !isFalling) {
      tree.set(topicName, topicName);
      there.add(topicName);
    } else {
      tree.delete(topicName);
      there.delete(topicName);
    }
  }
  const filter = count > 40 ? dice.pick(["n/+", "#", "n/17"]) : shortFilter(dice);
  const found: string[] = [];
  const cursor = tree.cursor(filter);
  while (cursor.next(1 + dice.below(50), found));
  const wanted = [...there].filter((topicName) => matches(filter, topicName)).sort();
  const walked: string[] = [];
  tree.walk("", (topicName) => walked.push(topicName) > 0);
  if (walked.join() !== [...there].sort().join()) return `[14] a walk found ${walked.length}`;
  return found.sort().join() === wanted.join()
    ? undefined
    : `[14] ${filter}: ${found} and ${wanted}`;
}

/** What is sorted is what a Map has, in the order of its keys; nothing is there twice. */
function sortTexts(dice: Random): string | undefined {
  const sorted = new OrderedMap<number>();
  const there = new Map<string, number>();
  const most = dice.oneIn(8) ? 3_000 : 20;
  for (let left = dice.below(most); left > 0; left -= 1) {
    const key = dice.oneIn(2) ? `${dice.below(most)}` : `z${left + most}`;
    if (dice.oneIn(3)) {
      if (sorted.delete(key) !== there.delete(key)) return `[14] deleted ${key}`;
    } else {
      sorted.set(key, left);
      there.set(key, left);
    }
  }
  const walked: string[] = [];
  sorted.walk("", (key, value) => walked.push(`${key} ${value}`) > 0);
  const wanted = [...there].sort(([a], [b]) => (a < b ? -1 : 1)).map((entry) => entry.join(" "));
  return walked.join() === wanted.join() ? undefined : `[14] ${walked} and ${wanted}`;
}

/** Where a chunk ends means nothing: the same packets come, or the same complaint. */
function readInPieces(dice: Random): string | undefined {
  const options = dice.pick<PacketReaderOptions>([
    { sender: "server" },
    { sender: "client", firstPacketConnect: true, packetBytesMax: 300 },
    { sender: "client", firstPacketConnect: true, protocolLevel: dice.pick([3, 4]) },
    { protocolLevel: dice.pick([3, 4]) },
    { paddedLength: "refuse", dupAtQos0: "accept", controlCharacters: "accept" },
    { topicLevelsMax: 3, lazyPayload: true },
    Object.freeze({ sender: "either" } as const),
  ]);
  const bytes = Uint8Array.from(dice.pick(SAMPLES));
  if (dice.oneIn(2)) bytes[dice.below(bytes.length)] = dice.below(256);
  const whole = said(options, [bytes]);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + dice.below(dice.oneIn(2) ? 3 : 200);
    pieces.push(bytes.slice(at, end));
    at = end;
  }
  const split = said(options, pieces);
  return whole === split ? undefined : `[14] whole: ${whole}, in pieces: ${split}`;
}

/** What a reader makes of it, in words. */
function said(options: PacketReaderOptions, chunks: readonly Uint8Array[]): string {
  const words: string[] = [];
  const stream = new PacketStream(options);
  const reader = new PacketReader(options);
  try {
    for (const chunk of chunks) {
      stream.push(chunk);
      for (let next = stream.next(); next !== undefined; next = stream.next()) {
        words.push(JSON.stringify(next));
      }
    }
    for (const chunk of chunks) {
      reader.push(chunk);
      reader.push(new Uint8Array(0));
    }
    while (reader.advance()) {
      const packet = reader.packet();
      if (!("payload" in packet)) continue;
      const { payload } = packet;
      if (packet.payload !== payload) words.push("another payload the second time");
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    words.push(error.code);
    failsAgain(stream);
  }
  return words.join(" ");
}

/** After a violation nothing behind it is read. */
function failsAgain(stream: PacketStream): void {
  for (const attempt of [() => stream.push(new Uint8Array(1)), () => void stream.next()]) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
}

function connack(sessionPresent: boolean): Uint8Array {
  const bytes = new Uint8Array(4);
  writeConnack(bytes, 0, sessionPresent, 0);
  return bytes;
}

function shortTopic(dice: Random): string {
  const length = 1 + dice.below(4);
  return Array.from({ length }, () => dice.pick(["a", "b", "c", "", "$x", "é"])).join("/") || "/";
}

function shortFilter(dice: Random): string {
  const topic = shortTopic(dice)
    .split("/")
    .map((level) => (dice.oneIn(3) ? "+" : level));
  if (dice.oneIn(8)) return dice.pick(["#", "/#", "+/#"]);
  return dice.oneIn(3) ? `${topic.join("/")}/#` : topic.join("/");
}

const CONNECT = connectPacket({
  clientId: "a client with a long name".repeat(20),
  username: "u",
  password: "p",
  will: { topicName: "w", qos: 2, retain: true },
});
const SAMPLES: readonly (readonly number[])[] = [
  encode({ type: PacketType.CONNACK, sessionPresent: true, returnCode: 0 }),
  encode({ type: PacketType.CONNACK, sessionPresent: false, returnCode: 5 }),
  encode({ type: PacketType.SUBACK, packetId: 7, returnCodes: [0, 1, 2, 128] }),
  encode({ type: PacketType.UNSUBACK, packetId: 7 }),
  encode(CONNECT),
  encode({ ...CONNECT, protocolLevel: 3, protocolName: "MQIsdp", clientId: "old" }),
  encode({ ...CONNECT, protocolLevel: 3, protocolName: "MQIsdp" }),
  encode({ ...CONNECT, clientId: "x", username: "u".repeat(400) }),
  encode(connectPacket({ clientId: "é漢\u{1f600}" })),
  encode({
    type: PacketType.SUBSCRIBE,
    packetId: 1,
    requests: [{ topicFilter: "a/+/#", requestedQos: 1 }],
  }),
  encode({ type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters: ["a", "b/#"] }),
  encode({
    type: PacketType.PUBLISH,
    topicName: "a/b/c/d",
    payload: "x".repeat(500),
    qos: 1,
    packetId: 3,
  }),
  encode({ type: PacketType.PUBLISH, topicName: "é/漢/\u{1f600}", payload: "" }),
  connack(true),
  connack(false),
  // CONNACK, SUBACK and CONNECT with what may not be there.
  Uint8Array.of(0x20, 2, 2, 0),
  Uint8Array.of(0x20, 2, 0, 6),
  Uint8Array.of(0x20, 2, 1, 5),
  Uint8Array.of(0x90, 2, 0, 1),
  Uint8Array.of(0x90, 3, 0, 1, 7),
  Uint8Array.of(0x40, 2, 0, 0),
  Uint8Array.of(0x82, 6, 0, 0, 0, 1, 0x61, 0),
  Uint8Array.of(0x30, 5, 0, 2, 0xc0, 0x80, 1),
  Uint8Array.of(0x30, 6, 0, 4, 0xf4, 0x90, 0x80, 0x80),
  Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x42, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x1e, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 0xff, 0xff, 0xff, 1, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 0xff, 0x20, 0, 4, 0x4d, 0x51, 0x54, 0x55, 4, 2, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 0xff, 0x20, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 9, 0, 1, 0x78),
].map((bytes) => [...bytes, ...encode({ type: PacketType.PINGREQ } as Packet), ...bytes]);
