import type { EventEmitter } from "node:events";
import { ignore } from "../waiting.js";

/**
 * The library takes its listeners off a stream that it lets go of; when the connection breaks then, the
 * error has no listener, and ends the process.
 */
export function calmStreams<S extends EventEmitter>(client: {
  createTelemetryStream(endpoints: unknown): S;
}): void {
  const create = client.createTelemetryStream;
  client.createTelemetryStream = (endpoints) => calmed(create.call(client, endpoints));
}

function calmed<S extends EventEmitter>(stream: S): S {
  const remove = stream.removeAllListeners.bind(stream);
  // With `undefined` it takes off none, without anything all.
  stream.removeAllListeners = (...event) => {
    remove(...event);
    return stream.listenerCount("error") > 0 ? stream : stream.on("error", ignore);
  };
  return stream;
}
