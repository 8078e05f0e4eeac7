import { describe, expect, it } from "vitest";
import type { Identity, Policy } from "../../src/engine.js";
import type { Rights } from "../../src/ports/rights.js";
import { Message } from "../../src/session/message.js";
import { type Author, RetainedMessage } from "../../src/session/retained-message.js";
import { Authors } from "../../src/state/authors.js";

const bytes = new Uint8Array(2);
const RIGHTS: Rights = {
  mayPublish: (topicName, retain) => retain && topicName === "allowed",
  maySendTo: () => false,
  mayHaveReceipt: () => false,
  reachOf: () => "none",
  mayReceive: () => false,
};
const client = (more: Partial<Identity> = {}): Identity => ({
  ...{ clientId: "c", username: "u", remoteAddress: "a", cleanSession: false },
  rights: RIGHTS,
  ...more,
});

function authors(deniedRetained: "withhold" | "serve", rightsOf?: Policy["rightsOf"]) {
  return new Authors({ policy: { ...(rightsOf && { rightsOf }) }, deniedRetained });
}

const by = (author: Author, topicName: string): Message =>
  new RetainedMessage(author, topicName, bytes, bytes, 0, 2, 0);

describe("[H04] authors of retained messages", () => {
  it("are remembered once a connection, where rules of everybody let them publish", () => {
    const known = authors("withhold");
    const from = client({ listener: "door" });
    const author = known.of(from);
    expect(author).toEqual({
      ...{ clientId: "c", username: "u", remoteAddress: "a", listener: "door" },
      certificate: undefined,
    });
    expect(known.of(from)).toBe(author);
    expect(known.of(undefined)).toBeUndefined();
    expect(known.of(client({ rights: undefined }))).toBeUndefined();
    expect(known.of(client({ rules: [] }))).toBeUndefined(); // they end with the connection
  });

  it("are asked about by the rules of now, once for all that one has written", () => {
    const asked: string[] = [];
    const known = authors("withhold", ({ clientId }) => {
      asked.push(clientId);
      return clientId === "free" ? undefined : RIGHTS;
    });
    const [ruled, free] = [known.of(client()), known.of(client({ clientId: "free" }))];
    if (ruled === undefined || free === undefined) throw new Error("they have rights");
    expect(known.mayStill(by(ruled, "allowed"))).toBe(true);
    expect(known.mayStill(by(ruled, "other"))).toBe(false);
    expect(known.mayStill(by(free, "other"))).toBe(true);
    expect(asked).toEqual(["c", "free"]);
    known.renew();
    expect(known.mayStill(by(free, "other"))).toBe(true);
    expect(asked).toEqual(["c", "free", "free"]);
  });

  it("matter only where that is wanted, and where there are rules", () => {
    const author = authors("serve").of(client());
    if (author === undefined) throw new Error("it has rights");
    expect(authors("serve", () => RIGHTS).mayStill(by(author, "other"))).toBe(true);
    expect(authors("withhold").mayStill(by(author, "other"))).toBe(true); // after a restart without rules
    const plain = new Message("other", bytes, bytes, 0, 2, 0);
    expect(authors("withhold", () => RIGHTS).mayStill(plain)).toBe(true);
  });
});
