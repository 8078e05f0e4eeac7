import { describe, expect, it } from "vitest";
import type { Append, Entry } from "../../src/cluster/entries.js";
import { OrderState } from "../../src/cluster/order-state.js";

/** Two nodes and a log, and what the state tells as words. */
class Log {
  readonly told: string[] = [];
  readonly #numbers = new Map<string, number>();
  sequence = 0;
  readonly state = new OrderState({
    joined: ({ name }) => this.told.push(`${name} joined`),
    left: ({ name }) => this.told.push(`${name} left`),
    wanted: ({ name }, filter) => this.told.push(`${name} wants ${filter}`),
    unwanted: ({ name }, filter) => this.told.push(`${name} wants ${filter} no more`),
    held: ({ clientId, holder }) => this.told.push(`${holder.member.name} has ${clientId}`),
    asked: ({ clientId, claimant }) =>
      this.told.push(`${claimant?.member.name} asks for ${clientId}`),
    withdrawn: ({ clientId }) => this.told.push(`nobody asks for ${clientId}`),
    turnedDown: ({ member }, clientId, why) =>
      this.told.push(`${member.name} gets no ${clientId}: ${why}`),
    adopting: (by, silent, isGivenUp) =>
      this.told.push(`${by.name} ${isGivenUp ? "cannot stand" : "stands"} in for ${silent.name}`),
    claimed: () => undefined,
    incomplete: () => this.told.push("incomplete"),
  });

  constructor() {
    this.state.isDiscovering = false;
    this.add("a", { kind: 128, name: "A" });
    this.add("b", { kind: 128, name: "B" });
    this.take();
  }

  add(node: string, ...entries: Entry[]): number {
    const number = (this.#numbers.get(node) ?? 0) + 1;
    this.#numbers.set(node, number);
    this.put({ node, number, entries });
    return this.sequence;
  }

  put(append: Append): void {
    this.sequence += 1;
    if (!this.state.admits(append, this.sequence)) return;
    for (const entry of append.entries) this.state.apply(this.sequence, append.node, entry);
  }

  take(): string[] {
    return this.told.splice(0);
  }
}

const claim = (clientId: string, username?: string, isSameUserOnly = false): Entry => ({
  kind: 131,
  clientId,
  username,
  isSameUserOnly,
  isIfFree: false,
});

describe("the state that the order log describes", () => {
  it("[L05] [M1] one node has a Client: the last CLAIM gets it, when the holder has released it", () => {
    const log = new Log();
    const first = log.add("a", claim("x"));
    log.add("b", claim("x"));
    expect(log.take()).toEqual(["A has x", "B asks for x"]);
    log.add("a", { kind: 132, clientId: "x", sequence: first });
    expect(log.take()).toEqual(["B has x"]);
  });

  it("whoever claims again what it holds keeps it, and its old RELEASE means nothing", () => {
    const log = new Log();
    const first = log.add("a", claim("x"));
    log.add("b", claim("x"));
    log.add("a", claim("x"));
    log.add("a", { kind: 132, clientId: "x", sequence: first });
    expect(log.take()).toEqual(["A has x", "B asks for x", "B gets no x: superseded", "A has x"]);
    expect(log.state.holds.get("x")?.holder.member.name).toBe("A");
  });

  it("[F05] another user gets nothing where only the same may take over", () => {
    const log = new Log();
    log.add("a", claim("x", "ann", true));
    log.add("b", claim("x", "bob", true));
    expect(log.take()).toEqual(["A has x", "B gets no x: other-user"]);
  });

  it("[L04] DOWN holds only for one of whom nothing came meanwhile, and passes on what it held", () => {
    const log = new Log();
    const last = log.add("a", claim("x"));
    log.add("b", claim("x"));
    log.add("b", { kind: 130, node: "a", sequence: last - 1 });
    expect(log.take()).toEqual(["A has x", "B asks for x"]);
    log.add("b", { kind: 130, node: "a", sequence: last });
    expect(log.take()).toEqual(["B has x", "A left"]);
    log.add("a", claim("x")); // it does not know yet
    expect(log.take()).toEqual([]);
  });

  it("[L03] a copy of an append counts once", () => {
    const log = new Log();
    log.put({ node: "a", number: 2, entries: [claim("x")] });
    log.put({ node: "a", number: 3, entries: [{ kind: 132, clientId: "x", sequence: 3 }] });
    log.put({ node: "a", number: 2, entries: [claim("x")] });
    expect(log.take()).toEqual(["A has x"]);
    expect(log.state.holds.size).toBe(0);
  });

  it("a new start of a node ends the one before", () => {
    const log = new Log();
    log.add("a", claim("x"), { kind: 133, topicFilter: "t" });
    log.add("c", { kind: 128, name: "A" });
    expect(log.take()).toEqual(["A has x", "A wants t", "A left", "A joined"]);
    expect(log.state.holds.size).toBe(0);
  });

  it("what a member says that nobody here has heard of cannot be made up for", () => {
    const log = new Log();
    log.put({ node: "z", number: 5, entries: [claim("x")] });
    expect(log.take()).toEqual(["incomplete"]);
  });
});
