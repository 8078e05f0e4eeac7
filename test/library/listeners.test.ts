import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect as openTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as openTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PacketType } from "../../src/codec/index.js";
import type { ListenerOptions } from "../../src/library/listener-rows.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import type { ListenAddress } from "../../src/net/listener.js";
import type { ConnectAttempt } from "../../src/ports/policy.js";
import { proxyV2 } from "../net/proxy-bytes.js";
import { connectPacket } from "../net/raw-client.js";
import { selfSigned } from "../support/certificate.js";
import { acceptedThrough, DOORS, type Door, openDoor } from "../support/doors.js";
import { type CertificatePair, TestCa } from "../support/test-ca.js";
import { whenClosed } from "../support/when-closed.js";

let ca: TestCa;
let server: CertificatePair;
const folder = mkdtempSync(join(tmpdir(), "beeline-doors-"));
beforeAll(() => {
  ca = new TestCa();
  server = ca.issue();
});
afterAll(() => {
  ca.remove();
  rmSync(folder, { recursive: true });
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A broker, its lines, and what `authenticate` has been shown. */
function brokerOf(options: BrokerOptions = {}) {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const broker = createBroker({ logger: { info: say, warn: say, error: say }, ...options });
  closers.push(() => broker.close());
  return { broker, lines };
}

function optionsFor(door: Door, more: object = {}): ListenerOptions {
  const files = door === "tls" || door === "wss" ? server : {};
  return { type: door, port: 0, ...files, ...more } as ListenerOptions; // as its type asks
}

const through = (door: Door, broker: MqttBroker, more: object = {}): Promise<ListenAddress> =>
  broker.listen(optionsFor(door, more));

describe.each(DOORS)("over %s", (door) => {
  it("serves Clients, and says by which listener they came", async () => {
    const seen: ConnectAttempt[] = [];
    const { broker } = brokerOf({ authenticate: (attempt) => seen.push(attempt) > 0 });
    const address = await through(door, broker, { name: "devices" });
    const client = await acceptedThrough(door, address);
    expect(client.packets[0]).toMatchObject({ type: PacketType.CONNACK, returnCode: 0 });
    expect(seen[0]).toMatchObject({
      listener: "devices",
      remoteAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    client.stream.destroy();
  });

  it("[K14] takes the address that a listed proxy tells, in hooks and in the log", async () => {
    const seen: ConnectAttempt[] = [];
    const { broker, lines } = brokerOf({
      authenticate: (attempt) => seen.push(attempt) > 9,
    });
    const address = await through(door, broker, { proxyProtocol: ["127.0.0.0/8"] });
    const header = proxyV2({
      address: "203.0.113.9",
      port: 50_412,
      ssl: { flags: 7, verify: 0, name: "device-7" },
    });
    await acceptedThrough(door, address, {}, { header });
    const v1 = Buffer.from("PROXY TCP6 2001:db8::9 ::1 7 1883\r\n");
    await acceptedThrough(door, address, {}, { header: v1 });
    expect(seen.map(({ remoteAddress }) => remoteAddress)).toEqual([
      "203.0.113.9:50412",
      "[2001:db8::9]:7",
    ]);
    expect(seen[0]?.certificate).toMatchObject({ subject: { CN: "device-7" } });
    expect(seen[1]?.certificate).toBeUndefined();
    expect(lines[0]).toContain("at 203.0.113.9:50412 on ");
  });

  it("[K14] refuses a proxy without its header, and a header of anybody else", async () => {
    const { broker, lines } = brokerOf();
    const listed = await through(door, broker, { proxyProtocol: ["127.0.0.1"] });
    const bare = await openDoor(door === "tls" || door === "wss" ? "tcp" : door, listed).catch(
      () => undefined,
    );
    bare?.send(connectPacket());
    await vi.waitUntil(() => broker.stats().turnedAway["proxy-header"] === 1);
    expect(lines.at(-1)).toContain("what came is no PROXY header");
    const others = await through(door, broker, { proxyProtocol: ["192.0.2.1"] });
    const header = proxyV2({ address: "203.0.113.9" });
    const peer = openTcp(others).resume();
    peer.write(header);
    await whenClosed(peer);
    expect(lines.at(-1)).toMatch(/PROXY header|a proxy that announces whom it speaks for/);
    const { turnedAway, violations } = broker.stats();
    expect(turnedAway["not-a-proxy"] + (violations["proxy-header"] ?? 0)).toBe(1);
    // Whoever is on no list and sends none is served as it is.
    const client = await acceptedThrough(door, others);
    expect(client.packets[0]).toMatchObject({ returnCode: 0 });
    client.stream.destroy();
  });

  it("[I01] lets one address have so many connections, counted behind proxies, and says so", async () => {
    const limits = { connectionsPerAddressMax: 2 };
    const { broker, lines } = brokerOf({ limits });
    const address = await through(door, broker, { proxyProtocol: ["127.0.0.1"] });
    const from = (host: string) => ({ header: proxyV2({ address: host }) });
    const first = await acceptedThrough(
      door,
      address,
      { clientId: "1" },
      from("2001:db8:0:0:1:0:0:1"),
    );
    await acceptedThrough(door, address, { clientId: "2" }, from("2001:db8:0:0:2:0:0:2"));
    await expect(openAndWait(door, address, from("2001:db8:0:0:3:0:0:3"))).rejects.toThrow();
    expect(broker.stats().turnedAway["address-full"]).toBe(1);
    expect(lines.at(-1)).toMatch(
      /^refused \[2001:db8::3:0:0:3\]:5 on .*: its address has as many connections as it may have \(limits\.connectionsPerAddressMax is 2\)$/,
    );
    const other = await acceptedThrough(
      door,
      address,
      { clientId: "4" },
      from("2001:db8:0:1:0:0:0:1"),
    );
    expect(other.packets[0]).toMatchObject({ returnCode: 0 });
    first.stream.destroy();
    await vi.waitUntil(() => broker.stats().connections === 2);
    const again = await acceptedThrough(
      door,
      address,
      { clientId: "5" },
      from("2001:db8:0:0:3:0:0:3"),
    );
    expect(again.packets[0]).toMatchObject({ returnCode: 0 });
  });

  it("[I03] lets one address connect so often, and each listener have rules of its own", async () => {
    vi.useFakeTimers({ toFake: ["performance"] }); // no time passes: nothing is made up for
    closers.push(() => vi.useRealTimers());
    const { broker, lines } = brokerOf();
    const rules = { proxyProtocol: ["127.0.0.1"], connectsPerSecondMax: 1, connectionsMax: 11 };
    const address = await through(door, broker, rules);
    const from = (host: string) => ({ header: proxyV2({ address: host }) });
    for (let at = 0; at < 10; at += 1) {
      await acceptedThrough(door, address, { clientId: `c${at}` }, from("203.0.113.9"));
    }
    await expect(openAndWait(door, address, from("203.0.113.9"))).rejects.toThrow();
    expect(lines.at(-1)).toContain("its address opens connections faster than it may");
    await acceptedThrough(door, address, { clientId: "other" }, from("203.0.113.10"));
    await expect(openAndWait(door, address, from("203.0.113.11"))).rejects.toThrow();
    expect(lines.at(-1)).toContain("there are as many connections here as there may be");
    const { turnedAway } = broker.stats();
    expect(turnedAway).toMatchObject({ "address-too-fast": 1, "listener-full": 1 });
  });
});

/** Rejects when the connection is closed without an answer, at whatever layer. */
async function openAndWait(door: Door, address: ListenAddress, peer: object): Promise<void> {
  await acceptedThrough(door, address, {}, peer);
}

describe("anonymous", () => {
  it("lets Clients without credentials in, or not, as each listener says", async () => {
    const asked: string[] = [];
    const { broker } = brokerOf({ authenticate: ({ clientId }) => asked.push(clientId) < 0 });
    const open = await broker.listen({ type: "tcp", port: 0, anonymous: "accept" });
    const shut = await broker.listen({ type: "tcp", port: 0, anonymous: "refuse" });
    const ask = await broker.listen({ type: "tcp", port: 0 });
    const codeAt = async (address: ListenAddress, username?: string) => {
      const clientId = `at ${address.port}`;
      const client = await acceptedThrough("tcp", address, { clientId, username });
      return client.packets[0];
    };
    expect(await codeAt(open)).toMatchObject({ returnCode: 0 });
    expect(await codeAt(shut)).toMatchObject({ returnCode: 5 });
    expect(asked).toEqual([]);
    expect(await codeAt(ask)).toMatchObject({ returnCode: 5 });
    expect(await codeAt(open, "somebody")).toMatchObject({ returnCode: 5 });
    expect(asked).toEqual([`at ${ask.port}`, `at ${open.port}`]);
  });

  it("[M04] refuses nobody where nobody checks, and no two listeners have one name", async () => {
    const { broker } = brokerOf();
    await expect(broker.listen({ type: "tcp", port: 0, anonymous: "refuse" })).rejects.toThrow(
      'anonymous is "refuse", and nobody checks credentials',
    );
    await broker.listen({ type: "tcp", port: 0, name: "a" });
    await expect(broker.listen({ type: "tcp", port: 0, name: "a" })).rejects.toThrow(
      'name is "a", as that of another listener',
    );
  });
});

describe("certificates", () => {
  const required = () => ({ clientCertificate: "required", ca: ca.cert });

  it.each(["tls", "wss"] as const)("[K12] over %s show who the Client is", async (door) => {
    const seen: ConnectAttempt[] = [];
    const { broker } = brokerOf({ authenticate: (attempt) => seen.push(attempt) > 0 });
    const address = await through(door, broker, required());
    const device = ca.issue({ commonName: "device-7", names: "DNS:seven.example" });
    await acceptedThrough(door, address, {}, pemsOf(device));
    expect(seen[0]?.certificate).toMatchObject({
      subject: { CN: "device-7" },
      subjectaltname: "DNS:seven.example",
      fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}/),
    });
  });

  it.each(["tls", "wss"] as const)(
    "[K12] over %s are refused when they are expired, signed by somebody else or by themselves, revoked, or missing",
    async (door) => {
      const { broker, lines } = brokerOf();
      const other = new TestCa("other authority");
      closers.push(() => other.remove());
      const revoked = ca.issue({ commonName: "revoked" });
      const crl = ca.revoke(revoked);
      const address = await through(door, broker, { ...required(), crl });
      const refused = async (peer: object): Promise<string | undefined> => {
        await expect(openAndWait(door, address, peer)).rejects.toThrow();
        return lines.at(-1)?.replace(/^refused 127\.0\.0\.1:\d+ on \S+: /, "");
      };
      expect(await refused(pemsOf(ca.issue({ days: -1 })))).toBe("its certificate has expired");
      expect(await refused(pemsOf(other.issue()))).toContain("signed by nobody who is trusted");
      expect(await refused(pemsOf(revoked))).toBe("its certificate has been revoked");
      expect(await refused({})).toBe("it shows no certificate");
      expect(broker.stats().turnedAway["tls-failed"]).toBe(4);
      await acceptedThrough(door, address, {}, pemsOf(ca.issue()));
      const unlisted = await through(door, broker, required());
      await expect(openAndWait(door, unlisted, selfSigned())).rejects.toThrow();
      expect(lines.at(-1)).toContain("signed by nobody who is trusted");
      const optional = { clientCertificate: "optional", ca: ca.cert };
      const lenient = await through(door, broker, optional);
      await expect(openAndWait(door, lenient, pemsOf(other.issue()))).rejects.toThrow();
      await acceptedThrough(door, lenient, { clientId: "without" });
    },
  );

  it("are chosen by the name the Client asks for, else it is the first", async () => {
    const { broker } = brokerOf();
    const one = ca.issue({ commonName: "one", names: "DNS:one.example" });
    const two = ca.issue({ commonName: "two", names: "DNS:two.example,DNS:*.more.example" });
    const address = await through("tls", broker, { ...one, certificates: [two] });
    const shownFor = async (servername?: string) => {
      const socket = openTls({
        ...address,
        rejectUnauthorized: false,
        ...(servername && { servername }),
      });
      await once(socket, "secureConnect");
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return subject.CN;
    };
    expect(await shownFor("two.example")).toBe("two");
    expect(await shownFor("a.more.example")).toBe("two");
    expect(await shownFor("one.example")).toBe("one");
    expect(await shownFor("unknown.example")).toBe("one");
    expect(await shownFor()).toBe("one");
  });

  it("[K13] are read again while Clients stay, and stay the old ones when a file is broken", async () => {
    const { broker } = brokerOf();
    const files = { cert: join(folder, "live.pem"), key: join(folder, "live.key") };
    const put = (pair: CertificatePair): void => {
      writeFileSync(files.cert, pemsOf(pair).cert);
      writeFileSync(files.key, pemsOf(pair).key);
    };
    put(ca.issue({ commonName: "old" }));
    const address = await through("tls", broker, files);
    const second = { cert: join(folder, "second.pem"), key: join(folder, "second.key") };
    writeFileSync(second.cert, pemsOf(server).cert);
    writeFileSync(second.key, pemsOf(server).key);
    await through("tls", broker, second);
    const stays = await acceptedThrough("tls", address, { clientId: "stays" });
    put(ca.issue({ commonName: "new" }));
    writeFileSync(second.key, "broken");
    expect(() => broker.reloadCertificates()).toThrow(/second\.key holds no private key/);
    expect(await nameAt(address)).toBe("old"); // all or nothing
    writeFileSync(second.key, pemsOf(server).key);
    broker.reloadCertificates()();
    expect(await nameAt(address)).toBe("new");
    stays.send({ type: PacketType.PINGREQ });
    await stays.until(() => stays.packets.length === 2);
  });
});

async function nameAt(address: ListenAddress): Promise<unknown> {
  const socket = openTls({ ...address, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

function pemsOf({ cert, key }: CertificatePair) {
  return { cert: read(cert), key: read(key) };
}

describe("a socket file", () => {
  it("serves peers of this machine, has its mode, and is gone afterwards", async () => {
    const seen: ConnectAttempt[] = [];
    const { broker } = brokerOf({ authenticate: (attempt) => seen.push(attempt) > 0 });
    const path = join(folder, "own.sock");
    const address = await broker.listen({
      type: "unix",
      path,
      mode: "600",
      owner: `:${process.getgid?.()}`,
    });
    expect(address).toEqual({ host: "", port: 0, path });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await acceptedThrough("tcp", address);
    expect(seen[0]).toMatchObject({ remoteAddress: "unix", listener: `unix:${path}` });
    await broker.close();
    expect(() => statSync(path)).toThrow(/ENOENT/);
  });

  it("[K14] takes a PROXY header from peers where the list has unix", async () => {
    const seen: ConnectAttempt[] = [];
    const { broker } = brokerOf({ authenticate: (attempt) => seen.push(attempt) > 0 });
    const path = join(folder, "proxied.sock");
    const address = await broker.listen({ type: "unix", path, proxyProtocol: ["unix"] });
    await acceptedThrough("tcp", address, {}, { header: proxyV2({ address: "203.0.113.9" }) });
    expect(seen[0]).toMatchObject({ remoteAddress: "203.0.113.9:5" });
  });
});

it("[A03] tells in words what speaks something else than TLS to a TLS port", async () => {
  const { broker, lines } = brokerOf();
  const address = await through("tls", broker);
  for (const bytes of ["\x10\x0c\0\x04MQTT", "GET / HTTP/1.1\r\n\r\n", "?"]) {
    const peer = openTcp(address);
    peer.write(bytes);
    await whenClosed(peer);
  }
  await vi.waitUntil(() => broker.stats().turnedAway["not-tls"] === 3);
  expect(lines.map((line) => line.replace(/^.*?: /, ""))).toEqual([
    "plain MQTT came where TLS is spoken",
    "plain HTTP came where TLS is spoken",
    "what came is no TLS",
  ]);
});

function read(file: string): string {
  return readFileSync(file, "utf8");
}
