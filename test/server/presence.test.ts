import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/index.js";
import { createBroker } from "../../src/library/mqtt-broker.js";
import { nodeName, presenceOf } from "../../src/server/presence.js";
import { BrokerPresence } from "../../src/server/presence-source.js";
import { type RunningServer, startServer } from "../../src/server/start-server.js";
import { RawClient, subscribePacket } from "../net/raw-client.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function started(
  presence: Parameters<typeof presenceOf>[0],
): Promise<RunningServer & { readonly port: number }> {
  const server = await startServer(
    {
      listeners: [{ options: { type: "tcp", port: 0 }, chosenBy: "--port" }],
      broker: {},
      store: undefined,
      admin: { host: "127.0.0.1", port: 0, loopLagMsMax: 60_000, mayBeAbsent: false },
      presence,
    },
    {},
  );
  ends.push(() => server.close());
  return { ...server, port: Number(new URL(server.urls[0] ?? "").port) };
}

/** A receiver, and what it was sent. */
async function receiver() {
  const bodies: { node: string; events: { eventType: string; clientId: string }[] }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push(JSON.parse(body));
    response.end();
  }).listen(0, "127.0.0.1");
  ends.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { bodies, url: `http://127.0.0.1:${port}/hook` };
}

describe("presence of a server", () => {
  it("goes to topics, to a webhook and into the metrics; what ends with the server, too", async () => {
    const { bodies, url } = await receiver();
    const server = await started({ topics: true, node: "n1", webhookUrl: url });
    const watcher = await RawClient.accepted(server.port, { clientId: "watcher" });
    watcher.send(subscribePacket("$SYS/brokers/n1/clients/+/+"));
    await watcher.until(() => watcher.packets.length === 2);
    const client = await RawClient.accepted(server.port, { clientId: "a" });
    client.send({ type: PacketType.DISCONNECT });
    await watcher.until(() => watcher.payloads.length === 2);
    expect(watcher.payloads.map((payload) => JSON.parse(payload))).toMatchObject([
      { clientid: "a", sockport: server.port },
      { clientid: "a", reason: "normal" },
    ]);
    const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
    expect(metrics).toContain('mqtt_presence_events_total{type="connect"} 2');
    expect(metrics).toContain("mqtt_webhook_queued_events");
    await server.close();
    expect(bodies.every(({ node }) => node === "n1")).toBe(true);
    const events = bodies.flatMap((body) => body.events);
    expect(events.map(({ clientId, eventType }) => [clientId, eventType])).toEqual([
      ["watcher", "connect"],
      ["a", "connect"],
      ["a", "disconnect"],
      ["a", "tcpclean"],
      ["watcher", "tcpclean"],
    ]);
  });

  it("is not there unless somebody is told: nothing is paid then", async () => {
    const broker = createBroker();
    ends.push(() => broker.close());
    const source = new BrokerPresence(broker);
    expect(presenceOf(undefined, broker, source, {})).toBeUndefined();
    expect(presenceOf({ node: "n1" }, broker, source, {})).toBeUndefined();
    const { adminUrl } = await started(undefined);
    expect(await (await fetch(`${adminUrl}/metrics`)).text()).not.toContain("presence");
  });

  it("is called after the host, where that fits into a level", () => {
    expect(nodeName("a.example")).toBe("a.example");
    expect(["", "a/b", "$x"].map(nodeName)).toEqual(["beeline", "beeline", "beeline"]);
  });
});
