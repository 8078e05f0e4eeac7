import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as openTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as openTls, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { clientHello } from "../../packages/bench/src/attack/stranger.js";
import { Handshakes } from "../../src/net/handshakes.js";
import { tcpListener } from "../../src/net/tcp-listener.js";
import { TlsDoor } from "../../src/net/tls-door.js";
import type { TlsFiles } from "../../src/net/tls-files.js";
import { type CertificatePair, TestCa } from "../support/test-ca.js";
import { whenClosed } from "../support/when-closed.js";

let ca: TestCa;
let pair: CertificatePair;
beforeAll(() => {
  ca = new TestCa();
  pair = ca.issue();
});
afterAll(() => ca.remove());
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A door that echoes, and what it tells. */
async function doorOf(
  files: Partial<TlsFiles> = {},
  { timeMs = 10_000, handshakesMax = 1_000, idleBytesMax = 256 * 1024 } = {},
) {
  const refused: string[] = [];
  const secured: TLSSocket[] = [];
  const raw: Socket[] = [];
  const handshakes = new Handshakes({ handshakesMax });
  const door = new TlsDoor<string>(
    { ...pair, ...files },
    handshakes,
    () => timeMs,
    (socket, peer) => {
      expect(peer).toBe("peer");
      secured.push(socket);
      socket.on("error", () => undefined);
      socket.pipe(socket);
    },
    (_socket, _peer, why, reason) => refused.push(`${reason}: ${why}`),
    idleBytesMax,
  );
  const listener = tcpListener(
    (socket) => {
      raw.push(socket);
      door.take(socket, "peer");
    },
    (error) => expect.fail(error.message),
  );
  const { host, port } = await listener.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => {
    listener.close();
    door.close();
    for (const socket of raw) socket.destroy();
  });
  return { door, host, port, refused, secured, raw, handshakes };
}

const open = async (to: { host: string; port: number }, options: ConnectionOptions = {}) => {
  const { host, port } = to;
  const socket = openTls({ host, port, rejectUnauthorized: false, ...options });
  closers.push(() => socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return socket;
};

describe("[K10] versions and ciphers", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("speaks %s", async (version) => {
    const socket = await open(await doorOf(), { minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(version);
  });

  it("prefers 1.3", async () => {
    expect((await open(await doorOf())).getProtocol()).toBe("TLSv1.3");
  });

  it.each(["TLSv1", "TLSv1.1"] as const)("refuses %s", async (version) => {
    const door = await doorOf();
    const old = {
      minVersion: version,
      maxVersion: version,
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    await expect(open(door, old)).rejects.toThrow();
    await vi.waitUntil(() => door.refused.length === 1);
    expect(door.refused).toEqual(["tls-failed: it speaks no TLS from version 1.2 on"]);
  });

  it("refuses who offers no cipher that it has", async () => {
    const door = await doorOf();
    const odd = { maxVersion: "TLSv1.2", ciphers: "AES128-SHA" } as const; // needs an RSA key
    await expect(open(door, odd)).rejects.toThrow();
    await vi.waitUntil(() => door.refused.length === 1);
    expect(door.refused).toEqual(["tls-failed: it offers no cipher that is spoken here"]);
  });

  it("begins no second handshake on a connection", async () => {
    const door = await doorOf();
    const socket = await open(door, { maxVersion: "TLSv1.2" });
    const error = once(socket, "error");
    socket.renegotiate({}, () => undefined);
    expect((await error)[0]).toMatchObject({ code: "ERR_SSL_NO_RENEGOTIATION" });
  });
});

it("[K10] ends a connection that asks for new keys again and again", async () => {
  const door = await doorOf({}, { idleBytesMax: 2_000 });
  const at = `${door.host}:${door.port}`;
  const peer = spawn("openssl", ["s_client", "-connect", at, "-tls1_3"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  closers.push(() => peer.kill());
  peer.stdin.on("error", () => undefined);
  await vi.waitUntil(() => door.secured.length === 1, { timeout: 20_000 });
  const closed = once(door.secured[0] as TLSSocket, "close"); // it has come
  // A line with K alone makes OpenSSL's client ask for new keys of both sides.
  const asking = setInterval(() => peer.stdin.write("K\n"), 2);
  closers.push(() => clearInterval(asking));
  await closed;
});

describe("[K11] handshakes", () => {
  it("are given up when they are not finished in time, however bytes trickle", async () => {
    const door = await doorOf({}, { timeMs: 150 });
    const silent = openTcp(door);
    const started = openTcp(door);
    started.write(Buffer.from("16030100c8010000c4", "hex"));
    const trickling = setInterval(() => started.write("x"), 20);
    closers.push(() => clearInterval(trickling));
    for (const socket of [silent, started]) socket.on("error", () => undefined).resume();
    await Promise.all([whenClosed(silent), whenClosed(started)]);
    const words = "handshake-timeout: its TLS handshake was not finished in time";
    expect(door.refused).toEqual([words, words]);
    expect(door.handshakes.size).toBe(0);
  });

  it("are so many at once: the oldest goes, and who means it gets in", async () => {
    const door = await doorOf({}, { handshakesMax: 3 });
    const idle = Array.from({ length: 5 }, () => openTcp(door));
    for (const socket of idle) socket.on("error", () => undefined).resume();
    closers.push(() => {
      for (const socket of idle) socket.destroy();
    });
    await vi.waitUntil(() => door.refused.length === 2);
    const socket = await open(door);
    socket.write("hello");
    expect(String((await once(socket, "data"))[0])).toBe("hello");
    const words =
      "too-many-handshakes: too many TLS handshakes were under way, and its own was the oldest";
    expect(door.refused).toEqual([words, words, words]);
  });

  it("that peers leave are forgotten, and told as such", async () => {
    const door = await doorOf();
    const early = openTcp(door);
    await once(early, "connect");
    early.destroy();
    const started = openTcp(door);
    started.write(Buffer.from("16030100c8010000c4", "hex"));
    await vi.waitUntil(() => door.handshakes.size > 0);
    await vi.waitUntil(() => (door.raw.at(-1)?.bytesRead ?? 0) > 0);
    started.resetAndDestroy();
    await vi.waitUntil(() => door.refused.length === 1);
    expect(door.refused[0]).toMatch(/^tls-failed: it went away in the middle of the TLS handshake/);
    await vi.waitUntil(() => door.handshakes.size === 0);
  });

  it("that peers end in good order when they have been answered are forgotten at once", async () => {
    const door = await doorOf();
    const hello = await clientHello();
    for (const _ of Array(3)) {
      const peer = openTcp(door);
      peer.write(hello);
      await once(peer, "data"); // certificate and all
      peer.end();
      peer.resume();
      await whenClosed(peer);
    }
    await vi.waitUntil(() => door.refused.length === 3);
    expect(door.handshakes.size).toBe(0);
    expect(door.refused[0]).toMatch(/^tls-failed: it went away in the middle of the TLS handshake/);
  });

  it("under way end with the door", async () => {
    const door = await doorOf();
    const started = openTcp(door).resume();
    started.write(Buffer.from("16030100c8010000c4", "hex"));
    await vi.waitUntil(() => door.handshakes.size === 1);
    door.door.close();
    await whenClosed(started);
    await vi.waitUntil(() => door.handshakes.size === 0);
  });
});

describe("sessions", () => {
  const session = async (socket: TLSSocket): Promise<Buffer> => {
    socket.write("x");
    const [ticket] = (await once(socket, "session")) as [Buffer];
    return ticket;
  };

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "of %s are resumed, with the certificate shown then",
    async (version) => {
      const door = await doorOf({ clientCertificate: "required", ca: ca.cert });
      const device = ca.issue({ commonName: "device" });
      const own = { cert: readFileSync(device.cert), key: readFileSync(device.key) };
      const options = { ...own, maxVersion: version };
      const first = openTls({ ...door, rejectUnauthorized: false, ...options });
      closers.push(() => first.destroy());
      const ticket = await session(first);
      first.destroy();
      const second = await open(door, { ...options, session: ticket });
      expect(second.isSessionReused()).toBe(true);
      await vi.waitUntil(() => door.secured.length === 2);
      expect(door.secured[1]?.authorized).toBe(true);
      expect(door.secured[1]?.getPeerCertificate().subject.CN).toBe("device");
    },
  );

  it("[K12] end with a reload, when what was revoked meanwhile could be resumed", async () => {
    for (const clientCertificate of ["none", "required"] as const) {
      const door = await doorOf({ clientCertificate, ca: ca.cert });
      const device = ca.issue();
      const own = { cert: readFileSync(device.cert), key: readFileSync(device.key) };
      const first = openTls({ ...door, rejectUnauthorized: false, ...own });
      closers.push(() => first.destroy());
      const ticket = await session(first);
      door.door.reload()();
      const second = await open(door, { ...own, session: ticket });
      expect(second.isSessionReused()).toBe(clientCertificate === "none");
    }
  });
});
