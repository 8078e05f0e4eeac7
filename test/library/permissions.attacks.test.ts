import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { certificateCredential } from "../../src/auth/certificate.js";
import { type Packet, PacketType } from "../../src/codec/index.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { Permissions } from "../../src/permissions/permissions.js";
import type { Rule } from "../../src/permissions/rule.js";
import type { Verdict } from "../../src/ports/policy.js";
import { publishPacket } from "../net/raw-client.js";
import { selfSigned } from "../support/certificate.js";
import { DoorWorld } from "../support/door-world.js";
import { DOORS } from "../support/doors.js";
import { type CertificatePair, TestCa } from "../support/test-ca.js";

const REFUSED = 0x80;

let ca: TestCa;
let server: CertificatePair;
beforeAll(() => {
  ca = new TestCa();
  server = ca.issue();
});
afterAll(() => ca.remove());
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const all = (user: string): Rule => ({
  allow: { user },
  do: ["publish", "retain", "subscribe"],
  topic: ["#", "$SYS/#"],
});

describe.each(DOORS)("permissions over %s", (door) => {
  async function world(rules: readonly Rule[], options: BrokerOptions = {}, listener = {}) {
    const permissions = new Permissions({ rules });
    const made = await DoorWorld.behind(door, server, { permissions, ...options }, listener);
    closers.push(() => made.close());
    const user = (name: string) => made.client(name, { username: name });
    return { made, permissions, user };
  }

  it("[H01] a filter wider than its grant brings what is granted, live and retained", async () => {
    const { user } = await world([all("root"), { allow: "any", do: "subscribe", topic: "a/+" }]);
    const root = await user("root");
    for (const topic of ["a/kept", "b/kept"]) await root.publish(topic, topic, true);
    const anna = await user("anna");
    expect(await anna.subscribe("#")).toBe(0);
    expect(await anna.subscribe("b/#")).toBe(REFUSED);
    for (const topic of ["a/b", "a/b/c", "b/x"]) await root.publish(topic);
    expect(await anna.received()).toEqual(["a/kept", "a/b"]);
  });

  it("[H02] [G07] a name that would be a pattern, or a placeholder, gives no more than its own", async () => {
    const own: Rule = { allow: "any", do: ["publish", "subscribe"], topic: "own/${clientId}/#" };
    const named: Rule = { allow: "any", do: "publish", topic: "of/${username}/x" };
    const { made, user } = await world([all("root"), own, named]);
    const root = await user("root");
    await root.subscribe("#");
    for (const name of ["+", "#", "a/b", "../a", "a+", "a/#", "${clientId}", "%c", "${username}"]) {
      const peer = await made.client(name, { username: name });
      const isPattern = /[/+#]/.test(name);
      expect(await peer.subscribe("own/+/#"), name).toBe(isPattern ? REFUSED : 0);
      expect(await peer.subscribe("own/a/#"), name).toBe(REFUSED);
      for (const topic of ["own/a/x", "own/x", "of/a/x", "of/a/b/x"]) await peer.publish(topic);
      await root.publish("own/a/x");
      expect(await peer.received(), name).toEqual([]);
      expect(await root.received(), name).toEqual(["own/a/x"]);
    }
  });

  /** What somebody who comes now is given of topic a. */
  async function kept(user: (name: string) => ReturnType<DoorWorld["client"]>) {
    const root = await user("root");
    await root.subscribe("a");
    return root.received();
  }

  it("[H03] who may publish and not retain: the message is dropped whole", async () => {
    const { user } = await world([all("root"), { allow: "any", do: "publish", topic: "a" }]);
    const root = await user("root");
    await root.subscribe("a");
    const anna = await user("anna");
    await anna.publish("a", "to be kept", true);
    await anna.publish("a", "now");
    expect(await root.received()).toEqual(["now"]);
    expect(await kept(user)).toEqual([]);
  });

  it("[H04] a retained message is given to nobody while its author may not publish it", async () => {
    const anna: Rule = { allow: { user: "anna" }, do: ["publish", "retain"], topic: "a" };
    const { made: broker, permissions, user } = await world([all("root"), anna]);
    await (await user("anna")).publish("a", "hers", true);
    permissions.replace({ rules: [all("root")] });
    expect(await kept(user)).toEqual([]);
    permissions.replace({ rules: [all("root"), anna] });
    expect(await kept(user)).toEqual(["hers"]);
    expect(broker.broker.stats().drops["author-denied"]).toBe(1);
  });

  it("[H05] no rules at all let nobody do anything", async () => {
    const { user } = await world([]);
    const anna = await user("anna");
    expect(await anna.subscribe("anna")).toBe(REFUSED);
    await anna.publish("t/p2p/anna", "to herself");
    expect(await anna.received()).toEqual([]);
  });

  it("[H06] rules that are wrong change nothing for those who are connected", async () => {
    const { permissions, user } = await world([{ allow: "any", do: "subscribe", topic: "a" }]);
    const anna = await user("anna");
    const wrong = { rules: [{ allow: "any", do: "fly", topic: "#" }] } as never; // on purpose
    expect(() => permissions.replace(wrong)).toThrow("fly");
    expect([await anna.subscribe("a"), await anna.subscribe("b")]).toEqual([0, REFUSED]);
  });

  it("[H07] topics that look like the granted one are others", async () => {
    const { user } = await world([all("root"), { allow: "any", do: "publish", topic: "a/b" }]);
    const root = await user("root");
    await root.subscribe("#");
    const anna = await user("anna");
    for (const topic of ["a//b", "/a/b", "a/b/", "a/./b", "a/%62", "A/b", "a", "a/b"]) {
      await anna.publish(topic);
    }
    expect(await root.received()).toEqual(["a/b"]);
  });

  it("[H08] [H09] [H10] $ topics are for those whom a rule names them to, and written by nobody", async () => {
    const any: Rule = { allow: "any", do: ["publish", "subscribe", "retain"], topic: "#" };
    const { made: broker, user } = await world([all("root"), any]);
    const [root, anna] = [await user("root"), await user("anna")];
    expect(await root.subscribe("$SYS/#")).toBe(0);
    expect(await anna.subscribe("$SYS/#")).toBe(REFUSED);
    expect(await anna.subscribe("#")).toBe(0);
    for (const topic of ["$SYS/x", "$share/g/x", "$internal/x", "$queue/x"]) {
      await root.publish(topic, topic, true);
    }
    await broker.broker.publish({ topicName: "$SYS/own", payload: "own" });
    expect(await anna.received()).toEqual([]);
    expect(await root.received()).toEqual(["own"]);
  });

  it("[H12] a hook that never answers for one Client makes that one wait, and denies it", async () => {
    const never = new Promise<boolean>(() => undefined);
    const { made: broker, user } = await world([all("anna"), all("berta")], {
      limits: { hookTimeoutMs: 300 },
      mayPublish: ({ username }) => (username === "anna" ? never : true),
    });
    const [anna, berta] = [await user("anna"), await user("berta")];
    await berta.subscribe("#");
    anna.connection.send(publishPacket("a", "of anna", 1, 1));
    await berta.publish("b");
    expect(await berta.received()).toEqual(["b"]);
    expect(anna.connection.packets).toEqual([]);
    await anna.connection.until(() => anna.connection.packets.length > 0);
    expect(await berta.received()).toEqual([]);
    expect(broker.errors).toMatchObject([{ message: expect.stringContaining("mayPublish") }]);
  });

  it("[H13] who shows no credentials is refused where its listener says so", async () => {
    const options: BrokerOptions = { authenticate: () => true };
    const { made: broker } = await world([], options, { anonymous: "refuse" });
    expect(await broker.codeFor({})).toBe(5);
    expect(await broker.codeFor({ clientId: "b", username: "anna" })).toBe(0);
  });

  it("[G01] [G14] rules vouch for who has sent, the payload does not", async () => {
    const { made: broker, user } = await world([
      { allow: "any", do: "sendTo", parent: "of-${username}", to: "+" },
    ]);
    const bob = await user("bob");
    const mallory = await user("mallory");
    await mallory.publish("of-anna/p2p/bob", '{"from":"anna"}');
    await mallory.publish("of-mallory/p2p/bob", '{"from":"anna"}');
    await mallory.publish("of-mallory/p2p/away", "x");
    await bob.received();
    const anna = await user("anna");
    await anna.publish("of-anna/p2p/bob", "it is me");
    await bob.connection.until(() => bob.connection.packets.length > 0);
    expect(bob.connection.packets).toMatchObject([{ topicName: "of-anna/p2p/bob" }]);
    expect(broker.broker.stats().drops.denied).toBe(1);
  });

  it("[G14] a hook may put the sender's name before the payload, for all that are sent to Clients", async () => {
    const { user } = await world([{ allow: "any", do: "sendTo", parent: "t", to: "+" }], {
      onMessage: ({ payload }, { clientId }) => ({
        payload: `${clientId}: ${Buffer.from(payload)}`,
      }),
    });
    const bob = await user("bob");
    await (await user("mallory")).publish("t/p2p/bob", "anna: hello");
    expect(await bob.received()).toEqual(["mallory: anna: hello"]);
  });

  it("[G06] a Will into an inbox needs the right to send there, when it is due", async () => {
    const sending: Rule = { allow: { user: "anna" }, do: "sendTo", parent: "t", to: "bob" };
    const { made: broker, permissions, user } = await world([sending]);
    const bob = await user("bob");
    const ends = async (name: string) => {
      const payload = Buffer.from(name);
      const will = { topicName: "t/p2p/bob", payload, qos: 0, retain: false } as const;
      const client = await broker.client(name, { username: name, will });
      client.connection.stream.destroy();
      await expect.poll(() => broker.broker.stats().connections).toBe(1);
    };
    await ends("mallory");
    await ends("anna");
    permissions.replace({ rules: [] });
    await ends("anna");
    expect(await bob.received()).toEqual(["anna"]);
  });

  it("[G02] [G03] [G04] nobody listens to the inbox of somebody else", async () => {
    const sending: Rule = { allow: "any", do: "sendTo", parent: "t", to: "bob" };
    const { user } = await world([all("mallory"), all("bob"), sending]);
    const [mallory, bob, anna] = [await user("mallory"), await user("bob"), await user("anna")];
    for (const filter of ["#", "t/p2p/+", "t/#", "+/p2p/#"]) await mallory.subscribe(filter);
    expect(await mallory.subscribe("t/p2p/bob")).toBe(REFUSED);
    expect(await bob.subscribe("t/p2p/bob")).toBe(0);
    await anna.publish("t/p2p/bob", "for bob", true);
    expect(await mallory.received()).toEqual([]);
    expect(await bob.received()).toEqual(["for bob"]);
    await bob.subscribe("t/p2p/bob");
    expect(await bob.received()).toEqual([]); // [G05] nothing was retained
  });

  it("[G12] an identifier, and what waits for it, belong to the user who had it first", async () => {
    const sending: Rule = { allow: { user: "anna" }, do: "sendTo", parent: "t", to: "bob" };
    const { made: broker, user } = await world([sending], { authenticate: () => true });
    const asked = { cleanSession: false, username: "bob" };
    (await broker.client("bob", asked)).connection.stream.destroy();
    await expect.poll(() => broker.broker.stats().connections).toBe(0);
    const anna = await user("anna");
    await anna.publish("t/p2p/bob", "for bob");
    expect(await broker.codeFor({ clientId: "bob", username: "mallory" })).toBe(5);
    expect(await broker.codeFor({ clientId: "bob", cleanSession: false })).toBe(5);
    const bob = await broker.client("bob", asked);
    expect(await bob.received()).toEqual(["for bob"]);
  });

  it("[G15] who moves to another door gets each message once, and none at the old one", async () => {
    const sending: Rule = { allow: { user: "anna" }, do: "sendTo", parent: "t", to: "bob" };
    const { made: broker, user } = await world([sending], { authenticate: () => true });
    const other = await broker.broker.listen({ type: "tcp", port: 0 });
    const anna = await user("anna");
    const asked = { cleanSession: false, username: "bob" };
    const seen: string[] = [];
    let bob = await broker.client("bob", asked);
    for (let at = 0; at < 6; at += 1) {
      await anna.publish("t/p2p/bob", `${at}`);
      const old = bob;
      bob = await broker.client("bob", asked, at % 2 === 0 ? { door: "tcp", address: other } : {});
      await anna.publish("t/p2p/bob", `${at} moved`);
      await old.connection.closed();
      expect(payloadsIn(old.connection.packets)).not.toContain(`${at} moved`);
      seen.push(...(await bob.received()));
    }
    const sent = Array.from({ length: 6 }, (_, at) => [`${at}`, `${at} moved`]).flat();
    expect([...new Set(seen)]).toEqual(sent);
    expect(seen).toHaveLength(sent.length);
  });

  const hasCertificates = door === "tls" || door === "wss";
  if (!hasCertificates) return;
  it("[H14] a name in a certificate that is cut by a NUL, or one of two, lets nobody in", async () => {
    const [cut, whole] = [selfSigned("anna\0.example"), selfSigned("anna")];
    const two = ca.issue({ commonName: "anna/CN=berta" });
    const authorities = join(ca.folder, `${door}.pem`);
    writeFileSync(authorities, cut.cert + whole.cert + readFileSync(ca.cert, "utf8"));
    const credential = certificateCredential({});
    const seen: (string | undefined)[] = [];
    const options: BrokerOptions = {
      authenticate: (attempt) => (credential.check(attempt) ?? false) as boolean | Verdict,
    };
    const asking = { clientCertificate: "required", ca: authorities };
    const { made: broker } = await world([], options, asking);
    broker.broker.on("connect", ({ client }) => seen.push(client.username));
    const pems = { cert: readFileSync(two.cert), key: readFileSync(two.key) };
    expect(await broker.codeFor({ username: "admin" }, cut)).toBe(4);
    expect(await broker.codeFor({ username: "admin" }, pems)).toBe(4);
    expect(await broker.codeFor({ username: "admin" }, whole)).toBe(0);
    expect(seen).toEqual(["anna"]);
  });
});

function payloadsIn(packets: readonly Packet[]): string[] {
  return packets.flatMap((packet) =>
    packet.type === PacketType.PUBLISH ? [Buffer.from(packet.payload).toString()] : [],
  );
}
