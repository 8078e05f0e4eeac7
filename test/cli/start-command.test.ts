import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** Sends a message by point-to-point to a Client that also watches everything: what it receives. */
async function directTopics(port: number, topicName: string): Promise<string[]> {
  const client = await RawClient.accepted(port, { clientId: "A" });
  client.send(subscribePacket("#"), publishPacket(topicName, "x"), publishPacket("end", "x"));
  const topics = (): string[] =>
    client.packets.flatMap((packet) =>
      packet.type === PacketType.PUBLISH ? [packet.topicName] : [],
    );
  await client.until(() => topics().includes("end") || client.isEnded);
  return topics();
}

describe("beeline start", () => {
  it("is what flags without a command belong to", async () => {
    const port = await started();
    expect(await directTopics(port, "t/p2p/A")).toEqual(["t/p2p/A", "end"]);
  });

  it("[P1] hands its flags to the broker: --no-p2p", async () => {
    const port = await started("--no-p2p");
    expect(await directTopics(port, "t/p2p/B")).toEqual(["t/p2p/B", "end"]);
  });

  it("[P1] [P2] --p2p-parents and --p2p-malformed", async () => {
    const port = await started("--p2p-parents", "t", "u", "--p2p-malformed", "hang-up");
    expect(await directTopics(port, "v/p2p/B")).toEqual(["v/p2p/B", "end"]);
    expect(await directTopics(port, "u/p2p/B")).toEqual(["end"]);
    expect(await directTopics(port, "t/p2p/")).toEqual([]);
  });

  it("[M26] --group-ms: what waits for the disk waits that long", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beeline-group-"));
    const child = new Child("--port", "0", "--data-dir", folder, "--group-ms", "400");
    children.push(child);
    const port = await child.listening();
    const startedMs = performance.now();
    await RawClient.accepted(port, { clientId: "A", cleanSession: false });
    expect(performance.now() - startedMs).toBeGreaterThan(390);
    child.signal("SIGTERM");
    await child.ended;
    rmSync(folder, { recursive: true });
  });

  it("[K06] --ws-port, --ws-path and --ws-origins", async () => {
    const origins = ["https://a.example", "https://b.example"];
    const child = new Child(
      ...["--port", "0", "--memory", "--ws-port", "0", "--ws-path", "/ws", "--ws-origins"],
      ...origins,
    );
    children.push(child);
    const port = Number(await child.printed(/ws:\S+:(\d+)/));
    const statusFor = async (path: string, origin: string): Promise<string | undefined> => {
      const { answer } = await RawWebSocket.open(port, { path, headers: [`Origin: ${origin}`] });
      return /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
    };
    expect(await statusFor("/ws", "https://a.example")).toBe("101");
    expect(await statusFor("/ws", "https://b.example")).toBe("101");
    expect(await statusFor("/ws", "https://c.example")).toBe("403");
    expect(await statusFor("/", "https://a.example")).toBe("404");
  });

  it("[M23] limits", async () => {
    const port = await started("--packet-bytes-max", "100");
    const client = await RawClient.accepted(port);
    client.send(publishPacket("t", Buffer.alloc(100)));
    await client.ended();
  });

  it("[H13] --allow-anonymous opens a public address", async () => {
    const port = await started("--host", "0.0.0.0", "--allow-anonymous");
    const client = await RawClient.accepted(port);
    expect(client.packets).toMatchObject([{ returnCode: 0 }]);
  });
});
