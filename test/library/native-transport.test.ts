import { afterEach, describe, expect, it, vi } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { RawClient } from "../net/raw-client.js";

const brokers: MqttBroker[] = [];
afterEach(async () => {
  vi.doUnmock("../../src/net/native/native-sockets.js");
  for (const broker of brokers.splice(0)) await broker.close();
});

function brokerWith(lines: string[] = []): MqttBroker {
  const logger = { info: (line: string) => lines.push(line) };
  const broker = createBroker({ logger });
  brokers.push(broker);
  return broker;
}

describe("listen({ transport })", () => {
  it.each(["native", "auto", "net"] as const)("%s serves Clients", async (transport) => {
    const lines: string[] = [];
    const broker = brokerWith(lines);
    const identities: unknown[] = [];
    broker.on("connect", ({ client }) => identities.push(client));
    const { port } = await broker.listen({ port: 0, transport });
    const client = await RawClient.accepted(port, { clientId: "C" });
    const remoteAddress = `127.0.0.1:${client.socket.localPort}`;
    expect(identities).toMatchObject([
      { clientId: "C", remoteAddress, listener: `mqtt://127.0.0.1:${port}` },
    ]);
    expect(lines.join("\n")).not.toContain("native");
  });

  it("auto falls back to Node's sockets, and says why in one line", async () => {
    vi.doMock("../../src/net/native/native-sockets.js", () => ({
      ensureNative: () => Promise.reject(new Error("the kernel said no")),
      NativeSockets: undefined,
    }));
    const lines: string[] = [];
    const broker = brokerWith(lines);
    const { port } = await broker.listen({ port: 0, transport: "auto" });
    const client = await RawClient.accepted(port);
    client.socket.destroy();
    expect(lines[0]).toBe(
      "the native transport is not used: the kernel said no; Node's sockets are used instead",
    );
  });

  it.each([
    [{ transport: "fast" }, /transport is "fast"; allowed: auto or net or native/],
    [{ transport: "native", webSocket: true }, /leave it out with webSocket/],
    [
      { type: "tcp", transport: "native", proxyProtocol: ["10.0.0.1"] },
      /leave it out with proxyProtocol/,
    ],
  ])("[M04] %j is refused", async (options, message) => {
    await expect(brokerWith().listen(options as never)).rejects.toThrow(message);
  });
});
