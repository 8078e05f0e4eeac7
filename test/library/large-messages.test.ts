import { afterEach, describe, expect, it } from "vitest";
import { encode, type QoS } from "../../src/codec/index.js";
import { createBroker } from "../../src/library/mqtt-broker.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "../net/raw-client.js";
import { RawWebSocket } from "../net/raw-websocket.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listening() {
  const broker = createBroker();
  closers.push(() => broker.close());
  const { port } = await broker.listen({ port: 0 });
  const { port: wsPort } = await broker.listen({ port: 0, webSocket: true });
  return { broker, port, wsPort };
}

describe("through sockets", () => {
  it("[M23] [M5] a retained message of 1.5 MB at QoS 1 is acknowledged, kept and delivered", async () => {
    const { broker, port } = await listening();
    const gateway = await RawClient.accepted(port, { clientId: "gateway" });
    const devices = Buffer.alloc(1_500_000, "device ");
    const bytes = encode(publishPacket("gateway/devices", devices, 1, 5));
    bytes.set([(bytes[0] as number) | 1]); // RETAIN
    gateway.send(bytes);
    await gateway.until(() => gateway.packets.length === 2);
    expect(gateway.packets[1]).toMatchObject({ type: 4, packetId: 5 });
    const app = await RawClient.accepted(port, { clientId: "app" });
    app.send(subscribePacket("gateway/#", 1));
    await app.until(() => app.packets.length === 3);
    expect(app.packets[2]).toMatchObject({ topicName: "gateway/devices", qos: 1, retain: true });
    expect(app.byteCount).toBeGreaterThan(devices.length);
    expect(broker.stats().violations).toEqual({});
  });

  it.each([0, 1, 2] as const)(
    "[M23] [M24] [M32] 6 MiB at QoS %i from TCP reach TCP and WebSocket, in one frame",
    async (qos: QoS) => {
      const { broker, port, wsPort } = await listening();
      const tcp = await RawClient.accepted(port, { clientId: "tcp" });
      tcp.send(subscribePacket("t", qos));
      const web = await RawWebSocket.open(wsPort);
      web.send(encode(connectPacket({ clientId: "web" })), encode(subscribePacket("t", qos)));
      await tcp.until(() => tcp.packets.length === 2);
      await web.until(() => web.frames.length === 2);
      const payload = Buffer.alloc(6 * 1024 * 1024).map((_, at) => at * 31 + (at >> 12));
      const sender = await RawClient.accepted(port, { clientId: "sender" });
      sender.send(publishPacket("t", payload, qos, qos === 0 ? 0 : 1));
      await tcp.until(() => tcp.packets.length === 3);
      await web.until(() => web.frames.length === 3);
      const [, , message] = tcp.packets;
      expect(message?.type === 3 && Buffer.compare(payload, message.payload) === 0).toBe(true);
      expect(web.frames[2]?.payload.subarray(-payload.length).equals(payload)).toBe(true);
      expect(broker.stats().messagesSent).toBe(2);
      tcp.socket.destroy();
      web.socket.destroy();
    },
  );
});
