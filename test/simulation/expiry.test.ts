import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/store/backend.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { Harness, textOf } from "../support/harness.js";

const HOUR_MS = 3_600_000;
const LIMITS = { pointToPointAgeMs: HOUR_MS, sessionExpiryMs: 10 * HOUR_MS };

class PowerLoss extends Error {}

/** A disk whose power goes at one commit, before or after it has taken that. */
class Disk extends MemoryBackend {
  commits = 0;
  fault: { readonly commit: number; readonly isTaken: boolean } | undefined;

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    this.commits += 1;
    if (this.fault?.commit === this.commits) {
      if (this.fault.isTaken) for (const one of operations) this.apply(one);
      throw new PowerLoss();
    }
    super.commit(operations, done);
  }
}

/** A server over the disk at a time; every turn is a commit. */
function start(disk: Disk, nowMs: number): Harness {
  const atOnce = (commit: () => void): void => commit();
  const store = new KeyedStore({ backend: disk, gather: atOnce, retry: atOnce });
  const harness = new Harness({ store, limits: LIMITS, pointToPoint: { offline: "both" } });
  harness.nowMs = nowMs;
  harness.broker.restore(nowMs);
  return harness;
}

/**
 * A Session and an inbox with old and new messages, a Session nobody comes back to, and the clean-up
 * of what is too old. Then everybody comes and fetches what is left.
 */
function script(disk: Disk): { readonly got: readonly string[]; readonly sessions: number } {
  let harness = start(disk, 1);
  const survive = (step: (harness: Harness) => void): void => {
    try {
      step(harness);
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      const { nowMs } = harness;
      disk.fault = undefined;
      harness = start(disk, nowMs);
      step(harness); // what was not acknowledged is done again
    }
  };
  survive((now) => now.connect({ clientId: "lost", cleanSession: false }).disconnect());
  survive((now) => now.connect({ clientId: "kept", cleanSession: false }).disconnect());
  survive((now) => send(now, "old"));
  harness.nowMs += 9.5 * HOUR_MS;
  survive((now) => now.connect({ clientId: "kept", cleanSession: false }).disconnect());
  survive((now) => send(now, "new"));
  harness.nowMs += 0.75 * HOUR_MS; // the first Session is too old now, the new messages are not
  for (let tick = 0; tick < 3; tick += 1) survive((now) => now.broker.tick(now.nowMs));
  const got: string[] = [];
  for (const clientId of ["kept", "inbox"]) {
    survive((now) => {
      const client = now.connect({ clientId, cleanSession: false });
      for (const { payload, packetId } of client.publishes()) {
        got.push(textOf(payload)); // it has it, even if the power goes at its acknowledgement
        client.puback(packetId);
      }
      client.disconnect();
    });
  }
  return { got: [...new Set(got)], sessions: harness.broker.gauges.sessions };
}

function send(harness: Harness, age: string): void {
  const sender = harness.connect({ clientId: "sender", cleanSession: false });
  sender.publish("x/p2p/kept", `${age} for the Session`, { qos: 1, packetId: 1 });
  sender.publish("x/p2p/inbox", `${age} for the inbox`, { qos: 1, packetId: 2 });
  sender.disconnect();
}

describe("clean-up by age while the power goes", () => {
  const whole = new Disk();
  const expected = script(whole);

  it("[J11] [P9] drops what is too old and nothing else when nothing fails", () => {
    expect(expected.got).toEqual(["new for the Session", "new for the inbox"]);
    expect(whole.commits).toBeGreaterThan(10);
  });

  it(`[J11] comes to the same at each of its ${whole.commits} commits, whether it was taken or not`, () => {
    for (let commit = 1; commit <= whole.commits; commit += 1) {
      for (const isTaken of [false, true]) {
        const disk = new Disk();
        disk.fault = { commit, isTaken };
        expect({ commit, isTaken, ...script(disk) }).toEqual({ commit, isTaken, ...expected });
      }
    }
  });
});
