import { EventEmitter } from "node:events";
import { ignore, inTime } from "../waiting.js";
import type { EndableClient, RpcClients, TelemetryStream } from "./client-library.js";

const SHUTDOWN_MS = 500;
const NEVER = new Promise<never>(ignore);

/**
 * Ends a client for sure, also one whose start was given up, and one whose RocketMQ is gone. The
 * library's own `shutdown` leaves things behind that would go on for ever, unseen:
 *
 * - It stops half-way when RocketMQ does not take its farewell.
 * - A start under way goes on, and sets up what has just been taken down.
 * - A stream that broke a moment before is opened again a second later, and after each break again.
 *
 * Call it once, before the client starts.
 *
 * @returns what ends it: it resolves within half a second, the farewell may take longer.
 */
export function endable(client: EndableClient): () => Promise<void> {
  const { rpcClientManager } = client;
  const streams = new Set<TelemetryStream>();
  let isOver = false;
  const ifWanted = async (call: Promise<void>): Promise<void> => {
    await call;
    if (isOver) await NEVER; // else the start would go on
  };
  client.sleep = (ms) => ifWanted(new Promise((done) => void setTimeout(done, ms).unref()));
  const updateRoutes = client.updateRoutes.bind(client);
  client.updateRoutes = () => ifWanted(updateRoutes());

  const open = client.createTelemetryStream.bind(client);
  client.createTelemetryStream = (endpoints) => {
    if (isOver) return new SilentStream();
    const stream = open(endpoints);
    for (const other of streams) if (other.destroyed) streams.delete(other);
    streams.add(stream);
    return stream;
  };
  const farewell = rpcClientManager.notifyClientTermination.bind(rpcClientManager);
  rpcClientManager.notifyClientTermination = (...to) => farewell(...to).catch(ignore);

  const shutDown = async (): Promise<void> => {
    try {
      await client.shutdown();
    } finally {
      for (const stream of streams) stream.cancel();
      rpcClientManager.close();
      client.rpcClientManager = ENDED;
    }
  };
  let ending: Promise<void> | undefined;
  return () => {
    isOver = true;
    ending ??= inTime(shutDown(), SHUTDOWN_MS, "").catch(ignore);
    return ending;
  };
}

/** In place of a stream that nobody wants any more. */
class SilentStream extends EventEmitter implements TelemetryStream {
  readonly destroyed = true;
  write(): boolean {
    return true;
  }
  end(): void {}
  cancel(): void {}
}

/** What asks for more is told so, and opens no connection. */
const ENDED = new Proxy({} as RpcClients, {
  get: (_, name) => (name === "close" ? ignore : rejected),
});

async function rejected(): Promise<never> {
  throw new Error("this client of RocketMQ has ended");
}
