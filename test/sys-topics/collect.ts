import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { createBroker } from "../../src/index.js";
import { SysPublisher } from "../../src/sys/sys-publisher.js";
import { freePort } from "../support/free-ports.js";

/** What a server tells under `$SYS/`, by topic: after a little traffic, the same for each server. */
export type SysTexts = ReadonlyMap<string, string>;

const MESSAGES = 7;
const PAYLOAD = "x".repeat(11);

/** What the traffic amounts to, where every server counts alike. */
export const TRAFFIC: Readonly<Record<string, string>> = {
  "$SYS/broker/publish/messages/received": `${MESSAGES}`,
  "$SYS/broker/publish/bytes/received": `${MESSAGES * PAYLOAD.length}`,
};

/** Of this server, with a round every second. */
export async function ourSysTexts(): Promise<SysTexts> {
  const broker = createBroker();
  const publisher = new SysPublisher(broker, "1.2.3", 1);
  try {
    const { port } = await broker.listen({ port: 0 });
    return await collected(port);
  } finally {
    publisher.close();
    await broker.close();
  }
}

/** Of the Mosquitto that is installed. */
export async function mosquittoSysTexts(): Promise<SysTexts> {
  const folder = mkdtempSync(join(tmpdir(), "beeline-sys-"));
  const port = await freePort();
  const file = join(folder, "mosquitto.conf");
  const conf = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "sys_interval 1"];
  writeFileSync(file, [...conf, `user ${userInfo().username}`, ""].join("\n"));
  const child = spawn("mosquitto", ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  try {
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        if (/ running/.test(log)) resolve();
      });
      void ended.then(() => reject(new Error(`mosquitto ended: ${log}`)));
    });
    return await collected(port);
  } finally {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  }
}

async function collected(port: number): Promise<SysTexts> {
  const client = await mqtt.connectAsync({ port, host: "127.0.0.1", protocolVersion: 4 });
  const found = new Map<string, string>();
  for (let count = 0; count < MESSAGES; count += 1) {
    await client.publishAsync("traffic", PAYLOAD, { qos: 1 });
  }
  await new Promise<void>((resolve, reject) => {
    let rounds = 0;
    client.on("message", (topic, payload, { retain }) => {
      found.set(topic, payload.toString());
      // Whoever has heard two rounds after the traffic has heard of all of it.
      if (topic === "$SYS/broker/uptime" && !retain) rounds += 1;
      if (rounds > 2) resolve();
    });
    client.on("error", reject);
    client.subscribe("$SYS/#");
  });
  await client.endAsync();
  return found;
}
