import {
  Broker,
  type EncodablePacket,
  encode,
  encodedLength,
  encodeInto,
  PacketReader,
  PacketType,
  packetName,
} from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { connectPacket } from "../support/harness.js";

/** A call that the engine must refuse with a `UsageError`, and that changes nothing. Rule 13. */
export interface Mistake {
  readonly name: string;
  readonly make: (broker: Broker, nowMs: number, dice: Random) => unknown;
}

/** What a program without types may pass where something else is wanted. */
const NONSENSE: readonly unknown[] = [
  ...[
    null,
    7,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    10n,
    true,
    "",
    "words",
    "x".repeat(200),
  ],
  ...[
    [],
    ["a"],
    {},
    { a: 1 },
    () => 1,
    Symbol.iterator,
    new Map(),
    new Date(0),
    Object.create(null),
  ],
  circle(),
];
/** The same without texts. */
const NO_TEXT = NONSENSE.filter((value) => typeof value !== "string");

const NO_ID = [...NO_TEXT, "", "a/b", "a+", "a#", "a\0"];
const NO_TOPIC = [...NO_TEXT, "", "a/+", "#", "a\0", "\ud800", "a\udc00", "é".repeat(40_000)];
const NO_QOS = [...NONSENSE, 3];
const NO_PAYLOAD = NONSENSE;
const PAYLOAD = new Uint8Array(1);

const makeClientId = (): string => "made";
/** Options that are not: of each one value is drawn, and one option is wrong at a time. */
const NO_OPTIONS: readonly Record<string, readonly unknown[]>[] = [
  { makeClientId: [undefined, ...NONSENSE.filter((value) => typeof value !== "function")] },
  { makeClientID: ["a"], wholly_unknown_option: [1], limit: [{}], [`${"x".repeat(100)}`]: [1] },
  { limits: [...without("object"), [], { inFlightMax: -1 }, { inFlightMx: 1 }, { zzzzzzzz: 1 }] },
  { limits: [{ packetBytesMax: 1 }, { topicLevelsMax: "128" }, { heldMax: 1.5 }] },
  { policy: [...without("object"), [], { authenticat: makeClientId }, { authenticate: 1 }] },
  { events: [...without("object"), []], store: without("object"), pool: without("object") },
  { pointToPoint: [...without("object"), [], { offline: "sendr" }, { offline: "qqqqqqqqqqqq" }] },
  { pointToPoint: [{ parents: "p" }, { parents: ["a/b"] }, { parents: [1] }, { mayStoreFor: 1 }] },
  { profile: ["alyun", "zzzzzzzzzzzzzzzz", 1], mqtt31: without("boolean"), bridges: ["true"] },
  { dollarTopics: [["zz"], "x", [7], 7, [[]]], takeOverBy: ["anybody", null] },
];

function without(type: string): readonly unknown[] {
  return NONSENSE.filter((value) => typeof value !== type || value === null);
}

/** Packets that no decoder would take. */
const NO_PACKETS: readonly unknown[] = [
  ...NONSENSE,
  ...[0, 15, 16, "PUBLISH"].map((type) => ({ type })),
  ...[0, 65_536, -1, 1.5, "1"].flatMap((packetId) => [
    { type: PacketType.PUBACK, packetId },
    { type: PacketType.PUBREL, packetId },
    { type: PacketType.UNSUBSCRIBE, packetId, topicFilters: ["a"] },
    publish({ qos: 1, packetId }),
  ]),
  publish({ qos: 3 }),
  publish({ qos: 0, packetId: 1 }),
  publish({ dup: true }),
  publish({ retain: 1 }),
  publish({ payload: 5 }),
  publish({ payload: "\ud800" }),
  ...NO_TOPIC.map((topicName) => publish({ topicName })),
  publish({ topicName: "\ud800".repeat(70) }),
  { type: PacketType.SUBSCRIBE, packetId: 1, requests: [] },
  { type: PacketType.SUBSCRIBE, packetId: 1, requests: [null] },
  {
    type: PacketType.SUBSCRIBE,
    packetId: 1,
    requests: [{ topicFilter: "a/#/b", requestedQos: 0 }],
  },
  { type: PacketType.SUBSCRIBE, packetId: 1, requests: [{ topicFilter: "a", requestedQos: 3 }] },
  { type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters: ["a+"] },
  { type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters: ["+a"] },
  { type: PacketType.SUBACK, packetId: 1, returnCodes: [3] },
  { type: PacketType.SUBACK, packetId: 1, returnCodes: [] },
  { type: PacketType.CONNACK, sessionPresent: true, returnCode: 5 },
  { type: PacketType.CONNACK, sessionPresent: false, returnCode: 6 },
  { type: PacketType.CONNACK, sessionPresent: 1, returnCode: 0 },
  connect({ keepAliveSeconds: 65_536 }),
  connect({ clientId: "\0" }),
  connect({ clientId: "\udc00\ud800" }),
  connect({ clientId: "x".repeat(65_536) }),
  connect({ protocolLevel: 5 }),
  connect({ protocolName: "MQTT5" }),
  connect({ password: "b" }),
  { type: PacketType.PUBACK, packetId: {} },
  { type: PacketType.CONNACK, sessionPresent: {}, returnCode: {} },
  connect({ will: { topicName: "a/#", payload: "x" } }),
  connect({ will: null }),
  connect({ will: { topicName: "a", qos: 3 } }),
  connect({ clientId: "", cleanSession: false, username: 5 }),
];

export const MISTAKES: readonly Mistake[] = [
  {
    name: "publish",
    make: (broker, nowMs, dice) => {
      const good = { topicName: "t/owner", payload: PAYLOAD, qos: 0, retain: false };
      const bad = dice.pick<object>([
        { topicName: dice.pick(NO_TOPIC) },
        { payload: dice.pick(NO_PAYLOAD) },
        { qos: dice.pick(NO_QOS) },
      ]);
      const isNoObject = dice.oneIn(4);
      broker.publish(
        (isNoObject ? dice.pick(without("object")) : { ...good, ...bad }) as never,
        nowMs,
      );
    },
  },
  {
    name: "sendToClient",
    make: (broker, nowMs, dice) => {
      const good = { parent: "p", payload: PAYLOAD, qos: 0 };
      const bad = dice.pick<object>([
        { parent: dice.pick([...NO_TEXT, "", "$x", "a/b", "a+"]) },
        { payload: dice.pick(NO_PAYLOAD) },
        { qos: dice.pick(NO_QOS) },
        { topicName: dice.pick([...NO_TOPIC].filter((value) => value !== null)) },
      ]);
      const isNoObject = dice.oneIn(4);
      const message = isNoObject ? dice.pick(without("object")) : { ...good, ...bad };
      const isNoId = dice.oneIn(3);
      const to = isNoId ? dice.pick(NO_ID) : "c0";
      broker.sendToClient(to as never, (isNoId ? good : message) as never, nowMs);
    },
  },
  {
    name: "new Broker",
    make: (_broker, _nowMs, dice) => {
      if (dice.oneIn(10)) return new Broker(dice.pick(without("object")) as never);
      const options = dice.pick(NO_OPTIONS);
      const key = dice.pick(Object.keys(options));
      const value = dice.pick(options[key] ?? []);
      return new Broker({ makeClientId, [key]: value } as never);
    },
  },
  {
    name: "encode",
    make: (_broker, _nowMs, dice) => encode(dice.pick(NO_PACKETS) as EncodablePacket),
  },
  {
    name: "encodeInto",
    make: (_broker, _nowMs, dice) => {
      if (dice.oneIn(2)) {
        return encodeInto(dice.pick(NO_PACKETS) as EncodablePacket, new Uint8Array(200_000), 0);
      }
      const packet = dice.pick<EncodablePacket>([
        { type: PacketType.PUBACK, packetId: 1 },
        { type: PacketType.PINGREQ },
        publish({}) as unknown as EncodablePacket,
      ]);
      return encodeInto(packet, new Uint8Array(3), dice.pick([-1, 1.5, 2, 3, 1e10]));
    },
  },
  {
    name: "encodedLength",
    make: (_broker, _nowMs, dice) =>
      encodedLength(
        dice.pick([
          publish({ topicName: "\ud800" }),
          publish({ payload: "x", topicName: "x".repeat(65_536) }),
          connect({ username: undefined, password: {} }),
        ]) as unknown as EncodablePacket,
      ),
  },
  {
    name: "packetName",
    make: (_broker, _nowMs, dice) => packetName(dice.pick([0, 16, 1.5, "1", null]) as never),
  },
  {
    name: "new PacketReader",
    make: (_broker, _nowMs, dice) =>
      new PacketReader(
        dice.pick<unknown>([
          null,
          5,
          { senders: "client" },
          { zzzzzzzzzzzz: 1 },
          { sender: "me" },
          { packetBytesMax: 1 },
          { protocolLevel: 5 },
          { lazyPayload: 1 },
          { paddedLength: true },
        ]) as never,
      ),
  },
  {
    name: "PacketReader.push",
    make: (_broker, _nowMs, dice) => new PacketReader({}).push(dice.pick(NONSENSE) as never),
  },
  {
    name: "a payload that is gone",
    make: () => {
      const reader = new PacketReader({ lazyPayload: true });
      const bytes = encode(publish({}) as unknown as EncodablePacket);
      reader.push(bytes);
      reader.advance();
      const packet = reader.packet() as { payload?: Uint8Array };
      reader.advance();
      return packet.payload;
    },
  },
];

function publish(different: object): object {
  const { PUBLISH: type } = PacketType;
  const good = { type, dup: false, qos: 0, retain: false, topicName: "a", packetId: 0 };
  return { ...good, payload: PAYLOAD, ...different };
}

function connect(different: object): object {
  return { ...connectPacket({ clientId: "a" }), ...different };
}

function circle(): unknown {
  const one: { self?: unknown } = {};
  one.self = one;
  return one;
}
