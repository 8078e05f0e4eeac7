/** Aedes in a process of its own: says where it listens, and on request what CPU time it has used. */
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Aedes } from "aedes";
import mqttPacket from "mqtt-packet";

/** What the server sends to whoever forked it. */
export type ServerMessage =
  | { readonly kind: "listening"; readonly port: number; readonly codec: string }
  | { readonly kind: "usage"; readonly cpuMs: number };

const report = (message: ServerMessage) => process.send?.(message);
const aedes = await Aedes.createBroker({ concurrency: 100 });
const server = createServer({ noDelay: true }, aedes.handle);
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  // Only the original keeps a cache of numbers that can be switched off and on by an accessor.
  const isOriginal =
    Object.getOwnPropertyDescriptor(mqttPacket.writeToStream, "cacheNumbers")?.get !== undefined;
  report({
    kind: "listening",
    port,
    codec: isOriginal ? "mqtt-packet" : "beeline-mqtt/mqtt-packet",
  });
});
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  report({ kind: "usage", cpuMs: (user + system) / 1000 });
});
