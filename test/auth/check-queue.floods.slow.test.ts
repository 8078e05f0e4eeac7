import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openCredentials } from "../../src/auth/index.js";
import { encode, PacketStream, PacketType } from "../../src/codec/index.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { connectPacket } from "../net/raw-client.js";
import { TRANSPORTS } from "../support/transports.js";
import { scratch } from "./attempt.js";

/** A hash of a quarter of a second: what is counted here is how many of them came first. */
const SLOW =
  "$7$400000$6DTou+YTDDUIizIu$yJmOQCmOvaSPQ2Xn9Ss8zNn2NUmWbV7sCzkCkYF1lG6lSXZ2+8v2Q0Q6bRrjzCkX0Pp5h3oXw8t0m2y7b3wYwA==";
const GUESSES = 40;

const folder = scratch();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(transport: (typeof TRANSPORTS)[number]) {
  const file = folder.file("users", `anna:${SLOW}\n`);
  const credentials = await openCredentials([{ kind: "passwords", file }]);
  // However slow this machine is: who waits too long is refused with 3.
  const limits = { authenticateTimeoutMs: 120_000 };
  const broker = createBroker({ authenticate: credentials.authenticate, limits });
  closers.push(() => credentials.close());
  closers.push(() => broker.close());
  const { port } = await broker.listen({ type: "tcp", port: 0, transport });
  return { broker, port };
}

/** One that says who it is, and waits. */
function guess(port: number, localAddress: string, clientId: string): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress, allowHalfOpen: true });
  socket.on("error", () => undefined); // the broker may be faster
  socket.write(encode(connectPacket({ clientId, username: "anna", password: Buffer.from("no") })));
  closers.push(() => socket.destroy());
  return socket;
}

async function flood(broker: MqttBroker, port: number, localAddress: string) {
  const sockets = Array.from({ length: GUESSES }, (_, at) => guess(port, localAddress, `g${at}`));
  await vi.waitFor(() => expect(broker.stats().connectionsOpened).toBe(GUESSES), 10_000);
  return sockets;
}

/** The return code for a client that comes now. */
async function answerTo(socket: Socket): Promise<number | undefined> {
  const stream = new PacketStream({ sender: "server" });
  for await (const chunk of socket) {
    stream.push(chunk);
    const connack = stream.next();
    if (connack?.type === PacketType.CONNACK) return connack.returnCode;
  }
  return undefined;
}

describe.each(TRANSPORTS)("passwords checked over the transport %s", (transport) => {
  it("[M02] are checked for nobody who has gone: whoever comes next finds the line empty", async () => {
    const { broker, port } = await listening(transport);
    for (const socket of await flood(broker, port, "127.0.0.1")) socket.end();
    expect(await answerTo(guess(port, "127.0.0.1", "next"))).toBe(4);
    const { refusals } = broker.stats();
    expect(refusals["bad-credentials"]).toBeLessThan(GUESSES / 2);
    expect(refusals["cannot-tell"]).toBeGreaterThan(GUESSES / 2);
  }, 60_000);

  it("[M02] make somebody at another address wait for one of each address, and not for all", async () => {
    const { broker, port } = await listening(transport);
    await flood(broker, port, "127.0.0.1");
    const before = broker.stats().refusals["bad-credentials"] ?? 0;
    expect(await answerTo(guess(port, "127.0.0.2", "innocent"))).toBe(4);
    const { refusals } = broker.stats();
    // Two are running, one of the flood's comes first, one may begin beside it, and end before it.
    expect((refusals["bad-credentials"] ?? 0) - before).toBeLessThanOrEqual(6);
  }, 60_000);
});
