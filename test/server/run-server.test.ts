import { afterEach, describe, expect, it } from "vitest";
import { encode, PacketType } from "../../src/codec/index.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "../net/raw-client.js";
import { RawWebSocket } from "../net/raw-websocket.js";
import { Child } from "./child.js";

const children: Child[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.signal("SIGKILL");
});

function start(...args: string[]): Child {
  const child = new Child("start", "--port", "0", "--memory", ...args);
  children.push(child);
  return child;
}

describe("the running server", () => {
  it("says in one line that it listens, and where", async () => {
    const child = start();
    const port = await child.listening();
    const lines = child.out.split("\n").filter((line) => /listening|mqtt:\/\//.test(line));
    expect(lines).toEqual([`beeline listening on mqtt://127.0.0.1:${port}`]);
    await RawClient.accepted(port);
  });

  it("says in a line of its own where it listens for WebSockets, and stops them, too", async () => {
    const child = start("--ws-port", "0", "--ws-path", "/mqtt");
    await child.listening();
    const port = Number(await child.printed(/ws:\S+:(\d+)/));
    const lines = child.out.split("\n").filter((line) => line.includes("listening"));
    expect(lines).toEqual([
      expect.stringMatching(/^beeline listening on mqtt:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^beeline listening on ws:\/\/127\.0\.0\.1:\d+\/mqtt$/),
    ]);
    const peer = await RawWebSocket.open(port, { path: "/mqtt" });
    peer.send(encode(connectPacket()));
    await peer.until(() => peer.received.length === 4);
    child.signal("SIGTERM");
    await peer.ended();
    expect(peer.closeCode).toBe(1000);
    expect(await child.ended).toBe(0);
  });

  it("[M07] stops on SIGTERM: sends what it has accepted, closes, ends with 0", async () => {
    const child = start();
    const port = await child.listening();
    const receiver = await RawClient.accepted(port, { clientId: "A" });
    receiver.send(subscribePacket("t"));
    await receiver.until(() => receiver.packets.length === 2);
    const sender = await RawClient.accepted(port, { clientId: "B" });
    for (let index = 1; index <= 1_000; index += 1) {
      sender.send(publishPacket("t", `${index}`, 1, index));
    }
    await sender.until(() => sender.packets.length > 500); // it is in the middle of its work
    child.signal("SIGTERM");
    await Promise.all([receiver.ended(), sender.ended()]);
    expect(await child.ended).toBe(0);
    const acknowledged = sender.packets.filter(({ type }) => type === PacketType.PUBACK).length;
    expect(receiver.payloads.length).toBeGreaterThanOrEqual(acknowledged);
    expect(child.err).toContain("SIGTERM");
  });

  it("[M07] accepts nobody any more once it stops, and ends although a peer does not close", async () => {
    const child = start();
    const port = await child.listening();
    const stubborn = await RawClient.open(port, true);
    stubborn.send(connectPacket());
    await stubborn.until(() => stubborn.packets.length === 1);
    child.signal("SIGINT");
    await stubborn.ended();
    await expect(RawClient.open(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await child.ended).toBe(0);
  });

  it("[M07] ends at once on a second signal", async () => {
    const child = start();
    const port = await child.listening();
    const stubborn = await RawClient.open(port, true);
    stubborn.send(connectPacket());
    await stubborn.until(() => stubborn.packets.length === 1);
    child.signal("SIGTERM");
    await child.until(() => child.err.includes("SIGTERM"));
    child.signal("SIGTERM");
    expect(await child.ended).toBe(1);
    expect(child.err).toContain("SIGTERM again");
  });

  it("[M07] can be stopped while it starts", async () => {
    const child = start();
    await new Promise(setImmediate);
    child.signal("SIGTERM");
    expect([0, "SIGTERM"]).toContain(await child.ended);
  });
});
