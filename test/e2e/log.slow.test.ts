import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { encode, type Packet, PacketType } from "../../src/codec/index.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "../net/raw-client.js";
import { RawWebSocket } from "../net/raw-websocket.js";
import { Child } from "../server/child.js";
import { wire } from "../support/wire.js";

const children: Child[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.signal("SIGKILL");
});

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The built command, and what it logs. */
async function started(...args: string[]) {
  const child = new Child("start", "--port", "0", "--memory", ...args);
  children.push(child);
  const port = await child.listening();
  const lines = (): Line[] =>
    child.err.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
  /** Waits for a line that says this. */
  const logged = async (pattern: RegExp): Promise<Line> => {
    const find = (): Line | undefined =>
      child.err.endsWith("\n") ? lines().find(({ msg }) => pattern.test(msg)) : undefined;
    await child.until(() => find() !== undefined);
    return find() as Line; // just found
  };
  return { child, port, lines, logged, listener: `mqtt://127.0.0.1:${port}` };
}

/** Sends bytes to the port and waits for the end. @returns the address they came from. */
async function send(port: number, ...parts: (Packet | Uint8Array)[]): Promise<string> {
  const client = await RawClient.open(port);
  const address = `127.0.0.1:${client.socket.localPort}`;
  client.send(...parts);
  await client.ended();
  return address;
}

describe("one line in words for", () => {
  it("[A03] a TLS client on the plain port", async () => {
    const { port, logged, listener } = await started();
    const address = await send(port, wire`16 0301 00c8 01 0000c4 0303 00000000000000000000`);
    const line = await logged(/a TLS client on the plain port/);
    expect(line.msg).toBe(
      `a TLS client on the plain port ${port}, from ${address}: hung up [MQTT-3.1.0-1]`,
    );
    expect(line).toMatchObject({ level: "info", code: "tls-hello", address, listener });
  });

  it("[A03] an HTTP request on the port", async () => {
    const { port, logged } = await started();
    const address = await send(port, Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    const line = await logged(/an HTTP request on the plain port/);
    expect(line).toMatchObject({ code: "http-request", address, statement: "MQTT-3.1.0-1" });
  });

  it("[M23] a retained PUBLISH that is too large: its size, the limit and its name", async () => {
    const { port, logged, listener } = await started("--packet-bytes-max", "1048576");
    const devices = {
      ...publishPacket("zigbee/bridge/devices", Buffer.alloc(1_500_000), 1),
      retain: true,
    };
    const address = await send(port, connectPacket({ clientId: "gateway" }), devices as Packet);
    const line = await logged(/hung up on client "gateway"/);
    expect(line.msg).toContain(
      "it has 1500029 bytes (limits.packetBytesMax is 1048576); see --packet-bytes-max",
    );
    expect(line).toMatchObject({
      level: "warn",
      client: "gateway",
      address,
      listener,
      code: "packet-too-large",
      packetBytes: 1_500_029,
      limit: 1_048_576,
    });
  });

  it("[C14] a filter with a tab among good ones: which one, escaped", async () => {
    const { port, logged } = await started();
    const illFormed = wire`82 14 0001 0003 612f62 00 0005 6f61d6 2f23 00 0001 23 00`;
    const tabbed = wire`82 14 0001 0003 612f62 00 0005 6f0962 2f23 00 0001 23 00`;
    const connect = connectPacket({ clientId: "tabs" });
    await send(port, connect, tabbed);
    const line = await logged(/hung up on client "tabs"/);
    expect(line.msg).toContain(
      'a string holds a control character or a noncharacter, byte 13 [§1.5.3], in "o\\u{9}b/#"',
    );
    expect(line).toMatchObject({ topic: "o\\u{9}b/#", statement: "§1.5.3", client: "tabs" });
    await send(port, connectPacket({ clientId: "torn" }), illFormed);
    expect(await logged(/hung up on client "torn"/)).toMatchObject({
      statement: "MQTT-1.5.3-1",
      topic: "oa\ufffd/#",
    });
  });

  it.each([
    [
      "[MQTT-3.1.2-2]",
      "a level that is not spoken",
      wire`10 0d 0004 4d515454 05 02 0000 0001 61`,
      /it speaks MQTT 5.*CONNACK 1/,
    ],
    [
      "[MQTT-3.1.3-8]",
      "an empty Client Identifier to be kept",
      wire`10 0c 0004 4d515454 04 00 0000 0000`,
      /refused client "".*\[MQTT-3\.1\.3-8\].*CONNACK 2/,
    ],
    [
      "[MQTT-3.1.2-3]",
      "a reserved flag",
      wire`10 0d 0004 4d515454 04 03 0000 0001 61`,
      /bit 0 of the Connect Flags is set.*\[MQTT-3\.1\.2-3\]/,
    ],
  ])("%s a refused CONNECT: %s", async (_statement, _what, connect, words) => {
    const { port, logged } = await started();
    const address = await send(port, connect);
    expect(await logged(words)).toMatchObject({ address });
  });

  it("[M29] a CONNECT that is not authorised: its Will is larger than a message may be", async () => {
    const { port, logged } = await started("--message-bytes-max", "4");
    const will = { topicName: "w", payload: Buffer.from("large"), qos: 0, retain: false } as const;
    await send(port, connectPacket({ clientId: "w", will, username: "joe" }));
    const line = await logged(/refused client "w" \(user "joe"\).*CONNACK 5/);
    expect(line).toMatchObject({
      reason: "will-too-large",
      returnCode: 5,
      user: "joe",
      limit: 4,
    });
    expect(line.msg).toMatch(/limits\.messageBytesMax is 4\); see --message-bytes-max$/);
  });

  it("[M17] [M24] drops: the first at once, the others counted, with the client", async () => {
    const { port, child, logged, lines } = await started("--queue-messages-max", "5");
    const sleeper = await RawClient.accepted(port, { clientId: "sleeper", cleanSession: false });
    sleeper.send(subscribePacket("t", 1));
    await sleeper.until(() => sleeper.packets.length === 2);
    sleeper.socket.destroy();
    const sender = await RawClient.accepted(port, { clientId: "sender" });
    for (let index = 1; index <= 105; index += 1) {
      sender.send(publishPacket("t", "x", 1, index));
    }
    await sender.until(() => sender.packets.length === 106);
    expect(await logged(/dropped a message for client "sleeper": the queue of/)).toMatchObject({
      level: "warn",
      reason: "queue-full",
      client: "sleeper",
      option: "limits.queueMessagesMax",
    });
    child.signal("SIGTERM");
    await child.ended;
    const dropped = lines().filter(({ reason }) => reason === "queue-full");
    expect(dropped.length).toBeLessThanOrEqual(3);
    const counted = dropped.reduce((sum, { count }) => sum + Number(count), 0);
    expect(counted).toBe(100);
  });

  it("[M8] a message to a $ topic, and [P4] a subscription to somebody else's inbox", async () => {
    const { port, logged } = await started();
    const client = await RawClient.accepted(port, { clientId: "c" });
    client.send(publishPacket("$SYS/x", "x"), subscribePacket("t/p2p/other"));
    await client.until(() => client.packets.length === 2);
    expect(await logged(/dropped a message of client "c"/)).toMatchObject({ topic: "$SYS/x" });
    expect(await logged(/denied a subscription of client "c"/)).toMatchObject({
      topic: "t/p2p/other",
      reason: "other-inbox",
    });
  });

  it("[K01] [A03] whoever is refused by WebSocket, and plain MQTT on its port", async () => {
    const { child, logged } = await started("--ws-port", "0", "--ws-path", "/mqtt");
    const port = Number(await child.printed(/ws:\S+:(\d+)/));
    await RawWebSocket.open(port, { path: "/other" });
    const line = await logged(/it asks for another path/);
    expect(line).toMatchObject({ listener: `ws://127.0.0.1:${port}/mqtt` });
    (await RawWebSocket.sending(port, "\u0010\u000d\u0000\u0004MQTT\u0004\u0002")).socket.end();
    await logged(/plain MQTT came where WebSocket is spoken/);
  });
});

describe("the lines of the command", () => {
  it("tell connects and disconnects; -v: subscriptions, too; -q: neither these nor peers' faults", async () => {
    const loud = await started("-v");
    const quiet = await started("-q");
    for (const { port } of [loud, quiet]) {
      await send(port, connectPacket({ clientId: "a" }), { type: PacketType.DISCONNECT });
      await send(port, wire`ff`);
    }
    expect(await loud.logged(/^connected client "a"/)).toMatchObject({ level: "info" });
    expect(await loud.logged(/^disconnected client "a".*DISCONNECT, after .* s, /)).toMatchObject({
      ...{ level: "info", packetsReceived: 2, packetsSent: 1 },
    });
    await loud.logged(/^hung up on 127/);
    quiet.child.signal("SIGTERM");
    await quiet.child.ended;
    expect(quiet.child.err).toBe("");
  });

  it("--log-format text: are read by people", async () => {
    const child = new Child("start", "--port", "0", "--memory", "--log-format", "text");
    children.push(child);
    await send(await child.listening(), wire`ff`);
    await child.until(() => child.err.includes("\n"));
    expect(child.err).toMatch(/^\d{4}-\S+Z INFO {2}hung up on 127\.0\.0\.1:\d+ on mqtt:\/\/\S+: /);
  });

  it("say where it listens and that it stops", async () => {
    const { child, port, lines } = await started();
    child.signal("SIGTERM");
    await child.ended;
    expect(lines().map(({ msg }) => msg)).toEqual([
      `listening on mqtt://127.0.0.1:${port}`,
      "SIGTERM: closing connections (a second signal ends it at once)",
    ]);
  });

  it("[I14] a flood of bad clients costs a bounded number of lines, and one that counts the others", async () => {
    const { child, port, lines } = await started();
    const beganMs = performance.now();
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 40 }, () => send(port, wire`ff`)));
    }
    child.signal("SIGTERM");
    await child.ended;
    const seconds = Math.ceil((performance.now() - beganMs) / 1_000) + 1;
    const hungUp = lines().filter(({ msg }) => msg.startsWith("hung up"));
    expect(hungUp.length).toBeLessThanOrEqual(20 * seconds);
    expect(hungUp.length).toBeLessThan(400);
    const leftOut = lines()
      .filter(({ msg }) => msg.startsWith("left out"))
      .reduce((sum, { count }) => sum + Number(count), 0);
    expect(hungUp.length + leftOut).toBe(400);
  });

  it("[M03] [C14] hold no password and no payload, and no control character that a peer sent", async () => {
    const { child, port, lines } = await started("-v", "--control-characters", "accept");
    const secret = "hunter2-secret";
    const evil = 'evil"\u001b[2J\r\n{"level":"error"}';
    // Our own encoder writes no such user name: one of the same length is replaced.
    const username = "u".repeat(evil.length);
    const connect = encode(
      connectPacket({ clientId: "p", username, password: Buffer.from(secret) }),
    );
    await send(
      port,
      Buffer.from(Buffer.from(connect).toString("latin1").replace(username, evil), "latin1"),
      publishPacket("$SYS/x", secret),
      publishPacket("t/p2p/", secret),
      wire`ff`,
    );
    await send(
      port,
      connectPacket({
        clientId: "q",
        username: "u",
        password: Buffer.from(secret),
        will: { topicName: "$SYS/w", payload: Buffer.from(secret), qos: 0, retain: false },
      }),
      wire`ff`, // its Will is due, and dropped
    );
    await send(port, connectPacket({ clientId: `${"long".repeat(1_000)}` }), wire`ff`);
    child.signal("SIGTERM");
    await child.ended;
    expect(child.err).not.toContain(secret);
    expect(child.err).not.toContain("\u001b");
    expect(child.out).not.toContain(secret);
    for (const line of child.err.trimEnd().split("\n")) expect(line.length).toBeLessThan(1_000);
    expect(lines().length).toBeGreaterThan(6);
  });

  it("a reader that does not read them stops neither the server nor its end", async () => {
    const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
    const args = [main, "start", "--port", "0", "--memory", "--no-admin", "-v"];
    const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    server.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    const found = (): string | undefined => /mqtt:\S+:(\d+)\n/.exec(out)?.[1];
    while (found() === undefined) await once(server.stdout, "data");
    const port = Number(found());
    const longId = "i".repeat(128);
    for (let round = 0; round < 25; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          send(port, connectPacket({ clientId: `${index}${longId}` }), wire`e000`),
        ),
      );
    }
    server.kill("SIGTERM");
    const hang = setTimeout(() => server.kill("SIGKILL"), 10_000);
    const [code] = await once(server, "exit");
    clearTimeout(hang);
    expect(code).toBe(0);
  });
});

it("who imports the library, the engine or the codec loads no logger", async () => {
  const script = `
    await import("beeline-mqtt"); await import("beeline-mqtt/engine"); await import("beeline-mqtt/codec");
    const { createRequire } = await import("node:module");
    const loaded = Object.keys(createRequire(process.cwd() + "/").cache);
    console.log(JSON.stringify(loaded.filter((file) => /pino|sonic-boom/.test(file))));
  `;
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const run = spawn(process.execPath, ["--input-type=module", "--eval", script], { cwd: root });
  let out = "";
  run.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  await once(run, "close");
  expect(out).toBe("[]\n");
});
