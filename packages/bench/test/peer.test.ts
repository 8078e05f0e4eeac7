import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hex, wire } from "../../../test/support/wire.js";
import { Peer, type PeerEvents } from "../src/peer.js";

/** A peer's other side, played by the test byte by byte. */
class Other {
  /** The chunks that came, as hex; long ones by their length. */
  readonly received: string[] = [];
  receivedBytes = 0;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.receivedBytes += chunk.length;
      this.received.push(chunk.length > 4096 ? `${chunk.length} bytes` : hex(chunk));
    });
    socket.on("error", () => socket.destroy());
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  hangUp(): void {
    this.#socket.end();
  }
}

const seen: string[] = [];
const EVENTS: PeerEvents = {
  chunkBegins: () => undefined,
  repliesWait: (peer) => setImmediate(() => peer.flushReplies()),
  message: (_peer, bytes, payloadAt, end) =>
    seen.push(`message ${hex(bytes.subarray(payloadAt, end))}`),
  acknowledged: (_peer, packetId) => seen.push(`acknowledged ${packetId}`),
  lost: (_peer, reason) => seen.push(`lost: ${reason}`),
};

let server: Server;
let other: Promise<Other>;
let peer: Peer;

beforeEach(async () => {
  seen.length = 0;
  server = createServer({ noDelay: true });
  other = new Promise((resolve) => {
    server.once("connection", (socket) => resolve(new Other(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  peer = new Peer("receiver", 0, "c", EVENTS);
});

afterEach(async () => {
  await peer.close();
  (await other).hangUp();
  await new Promise((resolve) => server.close(resolve));
});

async function connected(): Promise<Other> {
  const { port } = server.address() as AddressInfo;
  const target = { host: "127.0.0.1", port, username: undefined, password: undefined };
  const connecting = peer.connect(target, undefined);
  const there = await other;
  there.send(wire`20 02 00 00`);
  await connecting;
  await until(() => there.receivedBytes === CONNECT_BYTES);
  there.received.length = 0;
  return there;
}

const CONNECT_BYTES = 15;

/** Waits for something to become true, at most five seconds. */
function until(condition: () => boolean): Promise<void> {
  return expect.poll(condition, { timeout: 5000, interval: 2 }).toBe(true);
}

describe("a peer", () => {
  it("answers PUBLISH of QoS 1 and PUBREL, all of a turn with one write", async () => {
    const there = await connected();
    there.send(wire`32 06 0001 61 0001 ff  32 05 0001 61 0002  62 02 0003`);
    await until(() => there.received.length > 0);
    expect(there.received).toEqual(["40 02 00 01 40 02 00 02 70 02 00 03"]);
    expect(seen).toEqual(["message ff", "message "]);
  });

  it("answers PUBLISH of QoS 2 with PUBREC, and PUBREC with PUBREL", async () => {
    const there = await connected();
    there.send(wire`34 06 0001 61 0007 aa  50 02 0008`);
    await until(() => there.received.length > 0);
    expect(there.received).toEqual(["50 02 00 07 62 02 00 08"]);
  });

  it("tells of PUBACK and PUBCOMP, not of PUBREC", async () => {
    const there = await connected();
    there.send(wire`40 02 0102  50 02 0001  70 02 fffe`);
    await until(() => seen.length >= 2);
    expect(seen).toEqual(["acknowledged 258", "acknowledged 65534"]);
  });

  it("answers many messages at once without losing one", async () => {
    const there = await connected();
    const ids = Array.from({ length: 300 }, (_, at) => at + 1);
    there.send(Buffer.concat(ids.map((id) => wire`32 05 0001 61 ${id >> 8}${id & 255}`)));
    await until(() => there.received.join(" ").split(" ").length === 1200);
    const expected = ids.map((id) => hex(wire`40 02 ${id >> 8}${id & 255}`));
    expect(there.received.join(" ")).toBe(expected.join(" "));
  });

  it("refuses a SUBACK that grants less than it asked for", async () => {
    const there = await connected();
    const subscribing = peer.subscribe(["a", "b"], 1);
    there.send(wire`90 04 0001 01 80`);
    await expect(subscribing).rejects.toThrow("SUBACK 128 for b at QoS 1");
  });

  it("fails to connect with the system's reason", async () => {
    const target = { host: "127.0.0.1", port: 1, username: undefined, password: undefined };
    await expect(new Peer("sender", 0, "x", EVENTS).connect(target, undefined)).rejects.toThrow(
      /x: connect ECONNREFUSED/,
    );
    await connected(); // so that there is another side to clear away
  });

  it("tells once when the broker hangs up, and is not open then", async () => {
    const there = await connected();
    there.hangUp();
    await until(() => seen.length > 0);
    expect(peer.open).toBe(false);
    expect(seen).toEqual(["lost: the broker closed the connection"]);
  });

  it("tells nothing when it closes itself, with a DISCONNECT", async () => {
    const there = await connected();
    await peer.close();
    await until(() => there.received.length > 0);
    expect(there.received).toEqual(["e0 00"]);
    expect(seen).toEqual([]);
  });

  it("hangs up on a broker that breaks the protocol, and says how", async () => {
    const there = await connected();
    there.send(wire`30 ffffffff 01`);
    await until(() => seen.length > 0);
    expect(seen).toEqual([expect.stringMatching(/^lost: the broker broke the protocol: .*§2.2.3/)]);
  });

  it("hangs up on a packet that only a client sends", async () => {
    const there = await connected();
    there.send(wire`c0 00`);
    await until(() => seen.length > 0);
    expect(seen).toEqual(["lost: the broker sent a PINGREQ"]);
  });

  it("reads nothing while frozen", async () => {
    const there = await connected();
    peer.freeze();
    // Twenty turns of the event loop, in which it would have been read.
    for (let turn = 0; turn < 20; turn += 1) {
      there.send(wire`30 03 0001 61`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual([]);
  });

  it("says when bytes it was given may be overwritten", async () => {
    await connected();
    const large = Buffer.alloc(16 * 1024 * 1024);
    let taken = false;
    const atOnce = peer.write(large, () => {
      taken = true;
    });
    expect(atOnce).toBe(false);
    await until(() => taken);
    expect(peer.write(wire`c0 00`, () => undefined)).toBe(true);
  });
});
