import { afterEach, describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/index.js";
import { publishPacket, RawClient, subscribePacket } from "../net/raw-client.js";
import { RawWebSocket } from "../net/raw-websocket.js";
import { Child } from "../server/child.js";

const children: Child[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.signal("SIGKILL");
});

async function started(...args: string[]): Promise<number> {
  const child = new Child("--port", "0", "--memory", ...args);
  children.push(child);
  return child.listening();
}

/** A server each: `start-command.test.ts` has those that show how flags get to the broker. */
describe("beeline start with flags of the protocol", () => {
  it("[M8] --dollar-topics", async () => {
    const port = await started("--dollar-topics", "$own/");
    const client = await RawClient.accepted(port);
    client.send(subscribePacket("$own/#"), publishPacket("$other/x", "no"));
    client.send(publishPacket("$own/x", "yes"));
    await client.until(() => client.payloads.length > 0);
    expect(client.payloads).toEqual(["yes"]);
  });

  it.each([
    [[], 0],
    [["--no-shared-subscriptions"], 0x80],
  ] as const)("[M30] %s: a share is answered with %i", async (flags, code) => {
    const port = await started(...flags);
    const client = await RawClient.accepted(port);
    client.send(subscribePacket("$share/g/t"));
    const subacks = (): number[] =>
      client.packets.flatMap((packet) =>
        packet.type === PacketType.SUBACK ? packet.returnCodes : [],
      );
    await client.until(() => subacks().length > 0);
    expect(subacks()).toEqual([code]);
  });

  it("[M27] --no-mqtt31", async () => {
    const port = await started("--no-mqtt31");
    const client = await RawClient.accepted(port, { protocolName: "MQIsdp", protocolLevel: 3 });
    expect(client.packets).toMatchObject([{ type: PacketType.CONNACK, returnCode: 1 }]);
  });

  it("[M27] --no-mqtt31: WebSockets cannot be opened for it alone either", async () => {
    for (const [flags, code] of [
      [[], "101"],
      [["--no-mqtt31"], "400"],
    ] as const) {
      const child = new Child("--port", "0", "--ws-port", "0", "--memory", ...flags);
      children.push(child);
      const port = Number(await child.printed(/ws:\/\/\S+:(\d+)/));
      const { answer } = await RawWebSocket.open(port, { protocol: "mqttv3.1" });
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${code} `));
    }
  });

  it("[M27] --mqtt31-long-ids", async () => {
    const port = await started("--mqtt31-long-ids");
    const old = { protocolName: "MQIsdp", protocolLevel: 3, clientId: "x".repeat(24) };
    const client = await RawClient.accepted(port, old);
    expect(client.packets).toMatchObject([{ type: PacketType.CONNACK, returnCode: 0 }]);
  });

  it("[B13] bridges connect, unless --no-bridges", async () => {
    for (const [flags, returnCode] of [
      [[], 0],
      [["--no-bridges"], 1],
    ] as const) {
      const port = await started(...flags);
      const client = await RawClient.accepted(port, { bridge: true });
      expect(client.packets).toMatchObject([{ type: PacketType.CONNACK, returnCode }]);
    }
  });
});
