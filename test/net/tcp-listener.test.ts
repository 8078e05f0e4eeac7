import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it, vi } from "vitest";
import { tcpListener } from "../../src/net/tcp-listener.js";

it("[MQTT-7.1.1-1] accepts connections whose peers may stop sending and still be answered", async () => {
  const accepted: Socket[] = [];
  const listener = tcpListener(
    (socket) => accepted.push(socket),
    (error) => expect.fail(error.message),
  );
  const { host, port } = await listener.listen({ host: "127.0.0.1", port: 0 });
  const peer = connect(port, host);
  await vi.waitUntil(() => accepted.length === 1);
  const socket = accepted[0] as Socket; // there is one
  peer.end();
  socket.resume();
  await once(socket, "end");
  socket.end("answer");
  const [answer] = (await once(peer, "data")) as [Buffer]; // what this event brings
  expect(answer.toString()).toBe("answer");
  listener.close();
});
