import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, connectAsync, type MqttClient } from "mqtt";
import type { Contestant } from "./contestants.js";

const MESSAGES = 1_000;
const RECEIVER = { clientId: "receiver", clean: false, reconnectPeriod: 0 } as const;
const ANYWHERE = { cpu: undefined, nice: 0 };
/** Nothing more has come for so long. */
const QUIET_MS = 500;

/**
 * How many of 1,000 messages that were acknowledged at QoS 1, to a receiver that was away, are gone
 * after kill -9 and a restart.
 */
export async function lostByKill(contestant: Contestant): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-kill-"));
  try {
    const first = await contestant.start(ANYWHERE, folder);
    await connected(first.port, (receiver) => receiver.subscribeAsync("kill/#", { qos: 1 }));
    const sender = await connectAsync(`mqtt://127.0.0.1:${first.port}`, { reconnectPeriod: 0 });
    const acknowledged = Array.from({ length: MESSAGES }, (_, n) =>
      sender.publishAsync("kill/t", `${n}`, { qos: 1 }),
    );
    await Promise.all(acknowledged);
    sender.on("error", () => undefined); // its broker is about to die
    process.kill(first.pid, "SIGKILL");
    await first.stop();
    sender.end(true);
    const second = await contestant.start(ANYWHERE, folder);
    const kept = await received(second.port);
    await second.stop();
    return MESSAGES - kept;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function connected(
  port: number,
  work: (client: MqttClient) => Promise<unknown>,
): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, RECEIVER);
  await work(client);
  await client.endAsync();
}

/** What waits for the receiver: how many different messages. */
async function received(port: number): Promise<number> {
  const payloads = new Set<string>();
  const client = connect(`mqtt://127.0.0.1:${port}`, RECEIVER);
  client.on("message", (_topic, payload) => payloads.add(payload.toString())); // before the first
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  for (let before = -1; before !== payloads.size; ) {
    before = payloads.size;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
  await client.endAsync();
  return payloads.size;
}
