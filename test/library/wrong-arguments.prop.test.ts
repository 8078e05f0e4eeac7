import fc from "fast-check";
import { expect, it } from "vitest";
import {
  encode,
  encodedLength,
  encodeInto,
  PacketReader,
  PacketStream,
  PacketType,
  packetName,
} from "../../src/codec/index.js";
import { Broker } from "../../src/engine.js";
import { listeningFrom } from "../../src/library/listening.js";
import { createBroker } from "../../src/library/mqtt-broker.js";
import { ConnectionLostError, RefusedError } from "../../src/local/errors.js";
import { UsageError } from "../../src/protocol/errors.js";
import { memoryStore, openLmdbStore } from "../../src/store/index.js";
import { roundsOf } from "../support/quick.js";

/** Whatever a program without types may pass, with names that mean something here among the keys. */
const NAMES = [
  ...["topicName", "payload", "qos", "retain", "parent", "clientId", "will", "webSocket", "server"],
  ...["type", "packetId", "requests", "returnCodes", "topicFilters", "request", "limits", "path"],
  ...["pointToPoint", "store", "sender", "protocolName", "username", "password", "cleanSession"],
];
const junk = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true, withDate: true }),
  fc.dictionary(fc.constantFrom(...NAMES), fc.anything({ withBigInt: true }), { maxKeys: 6 }),
  fc
    .record({ type: fc.constantFrom(...Object.values(PacketType)) })
    .chain((packet) =>
      fc
        .dictionary(fc.constantFrom(...NAMES), fc.anything(), { maxKeys: 8 })
        .map((more) => ({ ...more, ...packet })),
    ),
);

type Call = (...given: never[]) => unknown;

/** Calls with what no types would let through. */
async function fails(call: Call, given: readonly unknown[]): Promise<unknown> {
  try {
    await call(...(given as never[]));
    return undefined;
  } catch (error) {
    return error;
  }
}

it("[M04] no public function answers wrong arguments with anything but a UsageError", {
  timeout: 120_000,
}, async () => {
  const broker = createBroker();
  const client = await broker.connectInProcess({ clientId: "A" });
  const engine = new Broker({ makeClientId: () => "made" });
  const { handle } = broker;
  const calls: Readonly<Record<string, Call>> = {
    createBroker: (options) => createBroker(options).close(),
    handle,
    "handle with details": (details) => handle(undefined as never, details),
    listen: (options) => listeningFrom(options), // what it asks before it opens a port
    publish: (message) => broker.publish(message),
    sendToClient: (id, message) => broker.sendToClient(id, message),
    "sendToClient to somebody": (message) => broker.sendToClient("A", message),
    disconnect: (id) => broker.disconnect(id),
    endSession: (id) => broker.endSession(id),
    clearQueue: (id) => broker.clearQueue(id),
    client: (id) => broker.client(id),
    clients: (options) => broker.clients(options),
    subscriptions: (options) => broker.subscriptions(options),
    retained: (options) => broker.retained(options),
    retainedMessage: (topicName) => broker.retainedMessage(topicName),
    connectInProcess: async (options) => (await broker.connectInProcess(options)).disconnect(),
    on: (event, listener) => broker.on(event, listener),
    off: (event, listener) => broker.off(event, listener),
    "client.publish": (message) => client.publish(message),
    "client.subscribe": (filters, qos) => client.subscribe(filters, qos),
    "client.unsubscribe": (filters) => client.unsubscribe(filters),
    "client.onMessage": (listener) => client.onMessage(listener),
    // A name of a folder that is none: nothing is made on the disk.
    openLmdbStore: (options: object) => openLmdbStore({ ...options, path: "" }).close(),
    memoryStore: (backend) => memoryStore(backend).close(),
    Broker: (options) => new Broker(options),
    "Broker.publish": (message) => engine.publish(message, 0),
    "Broker.sendToClient": (id, message) => engine.sendToClient(id, message, 0),
    // No packet at all is the language's own TypeError: asking first made a PUBACK a fifth slower.
    encode: (packet) => encode(packet ?? {}),
    encodedLength: (packet) => encodedLength(packet ?? {}),
    encodeInto: (packet) => encodeInto(packet ?? {}, new Uint8Array(200), 0),
    packetName: (type) => packetName(type),
    PacketStream: (options) => new PacketStream(options),
    PacketReader: (options) => new PacketReader(options),
    "PacketStream.push": (chunk) => new PacketStream({}).push(chunk),
    "PacketReader.push": (chunk) => new PacketReader({}).push(chunk),
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(calls)), junk, junk, async (name, a, b) => {
      const call = calls[name] as Call; // one of its keys
      const error = await fails(call, [a, b]);
      const isKnown =
        error === undefined ||
        error instanceof UsageError ||
        error instanceof RefusedError ||
        error instanceof ConnectionLostError;
      if (!isKnown) throw new Error(`${name} threw ${error}`, { cause: error });
    }),
    { numRuns: roundsOf(6_000) },
  );
  expect(client.isConnected).toBe(true);
  await expect(broker.close()).resolves.toBeUndefined();
});
