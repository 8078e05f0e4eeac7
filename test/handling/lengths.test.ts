import { describe, expect, it } from "vitest";
import { encode, PacketType } from "../../src/engine.js";
import { Attack } from "../support/attack.js";
import { connectPacket, Harness, type Peer, publishPacket } from "../support/harness.js";

/** So many bytes of text, by characters of two bytes each and one of one. */
function textOf(bytes: number): string {
  return bytes % 2 === 0 ? "\u00e9".repeat(bytes / 2) : `${"\u00e9".repeat((bytes - 1) / 2)}x`;
}

function codeOf(peer: Peer): number | undefined {
  const connack = peer.packets()[0] as { returnCode: number } | undefined;
  return connack?.returnCode;
}

describe("limits.topicBytesMax", () => {
  it("[T4] a PUBLISH to a topic at the bound is delivered, one past it hangs up", () => {
    const attack = new Attack();
    const fine = attack.connect({ clientId: "fine" });
    expect(fine.subscribe(textOf(4_096))).toEqual([0]);
    fine.publish(textOf(4_096), "x");
    expect(fine.payloads()).toEqual(["x"]);
    attack.witness.packets();
    fine.send({ type: PacketType.DISCONNECT });
    attack.harness.closes.length = 0;
    const attacker = attack.connect();
    attacker.send(encode(publishPacket(textOf(4_097), "x")));
    attack.expectRefused(attacker, "topic-name-too-long");
  });

  it("[T4] a filter at the bound is granted, one past it gets 0x80, and the others are granted", () => {
    const denied: string[] = [];
    const harness = new Harness({
      limits: { topicBytesMax: 20 },
      events: { onDeny: (_client, _filter, reason) => denied.push(reason) },
    });
    const client = harness.connect();
    const filters = [`${textOf(18)}/+`, `${textOf(19)}/+`, "a", `$share/g/${textOf(12)}`];
    expect(client.subscribe(...filters)).toEqual([0, 0x80, 0, 0x80]);
    expect(denied).toEqual(["filter-too-long", "filter-too-long"]);
    expect(harness.broker.stats.denials.get("filter-too-long")).toBe(2);
    expect(client.isClosed).toBe(false);
  });

  it("[T4] a Will at the bound is accepted, one past it is CONNACK 5", () => {
    const harness = new Harness({ limits: { topicBytesMax: 20 } });
    harness.connect({ will: { topicName: textOf(20) } });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "b", will: { topicName: textOf(21) } }));
    expect([codeOf(peer), peer.isClosed]).toEqual([5, true]);
    expect(harness.broker.stats.refusals.get("will-topic-too-long")).toBe(1);
  });

  it("[T4] the broker's owner may publish to what the standard allows", () => {
    const harness = new Harness({ limits: { topicBytesMax: 20 } });
    const client = harness.connect();
    client.subscribe("#");
    const message = { payload: new Uint8Array(1), qos: 0, retain: false } as const;
    harness.broker.publish({ topicName: textOf(65_535), ...message }, harness.nowMs);
    harness.broker.flush();
    expect(client.payloads()).toHaveLength(1);
  });
});

describe("limits.clientIdBytesMax", () => {
  it("[T4] [MQTT-3.1.3-9] an identifier at the bound is accepted, one past it is CONNACK 2", () => {
    const harness = new Harness();
    harness.connect({ clientId: textOf(1_024) });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: textOf(1_025) }));
    expect([codeOf(peer), peer.isClosed]).toEqual([2, true]);
    expect(harness.broker.stats.refusals.get("client-id-bytes")).toBe(1);
    expect(harness.broker.gauges.sessions).toBe(1);
  });
});

describe("limits.usernameBytesMax", () => {
  it("[T7] a user name at the bound is accepted, one past it is CONNACK 4, and no Session is opened", () => {
    const harness = new Harness();
    harness.connect({ clientId: "a", username: textOf(4_096) });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "b", username: textOf(4_097) }));
    expect([codeOf(peer), peer.isClosed]).toEqual([4, true]);
    expect(harness.broker.stats.refusals.get("username-bytes")).toBe(1);
    expect(harness.broker.gauges.sessions).toBe(1);
  });

  it("[T7] counts bytes, not characters, and does not ask whoever checks credentials", () => {
    const asked: unknown[] = [];
    const harness = new Harness({
      limits: { usernameBytesMax: 5 },
      policy: {
        authenticate: (attempt, answer) => {
          asked.push(attempt.username);
          answer({ kind: "accepted" }, 1_000);
        },
      },
    });
    for (const username of ["\u00e9\u00e9\u00e9", "\u00e9\u00e9a"]) {
      harness.open().send(connectPacket({ clientId: username, username }));
    }
    expect(asked).toEqual(["\u00e9\u00e9a"]);
  });
});
