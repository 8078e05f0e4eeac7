import { describe, expect, it } from "vitest";
import type { EngineEvents } from "../../src/ports/events.js";
import type { Policy } from "../../src/ports/policy.js";
import { identityOf } from "../../src/state/identity.js";
import { FakeLink } from "../support/fake-link.js";

/** A link that counts how often it was asked for its peer's address. */
function askedLink() {
  let asked = 0;
  const link = Object.defineProperty(new FakeLink(), "remoteAddress", {
    get: () => {
      asked += 1;
      return "test:7";
    },
  });
  return { link, asked: () => asked };
}

const connect = { clientId: "a", username: "u", cleanSession: true };
const ignore = (): undefined => undefined;
const yes = (): boolean => true;

describe("an Identity", () => {
  it("finds the address when it is first asked for, if nobody shows it", () => {
    const { link, asked } = askedLink();
    const identity = identityOf({}, { onDrop: ignore, onInternalError: ignore }, link, connect);
    expect(asked()).toBe(0);
    expect(identity).toMatchObject({ clientId: "a", username: "u", remoteAddress: "test:7" });
    expect(asked()).toBeGreaterThan(0);
  });

  const showers: readonly (readonly [Policy, EngineEvents])[] = [
    [{ authenticate: ignore }, {}],
    [{ mayPublish: yes }, {}],
    [{ maySubscribe: yes }, {}],
    [{ maySendToClient: yes }, {}],
    [{}, { onConnect: ignore }],
    [{}, { onDisconnect: ignore }],
    [{}, { onArrive: ignore }],
    [{}, { onLeave: ignore }],
    [{}, { onPublish: ignore }],
    [{}, { onSubscribe: ignore }],
    [{}, { onUnsubscribe: ignore }],
  ];
  for (const [policy, events] of showers) {
    const shower = Object.keys({ ...policy, ...events }).join();
    it(`has the address of the beginning where ${shower} shows it`, () => {
      const { link, asked } = askedLink();
      const identity = identityOf(policy, events, link, connect);
      expect(asked()).toBe(1);
      expect(identity).toEqual({ ...connect, remoteAddress: "test:7" });
      expect(asked()).toBe(1);
    });
  }
});
