import { describe, expect, it } from "vitest";
import { Outflow } from "../../src/nats/outflow.js";
import { bytesOf, FakeNats, textOf } from "./fake-nats.js";

const MIB = 1024 * 1024;

function world() {
  const nats = new FakeNats();
  nats.flushesAtOnce = false;
  return { nats, outflow: new Outflow(nats.connection) };
}

describe("Outflow", () => {
  it("gives the library the bytes themselves, without a copy", () => {
    const { nats, outflow } = world();
    const bytes = bytesOf("first");
    outflow.send("a", bytes, true);
    expect(nats.published.map(([subject, sent]) => [subject, textOf(sent)])).toEqual([
      ["a", "first"],
    ]);
    expect(nats.published[0]?.[1]).toBe(bytes);
    expect(outflow.messages).toBe(1);
    expect(outflow.bytes).toBe(5);
  });

  it("drops what is sent without a connection", () => {
    const { nats, outflow } = world();
    outflow.send("a", bytesOf("x"), false);
    expect(nats.published).toEqual([]);
    expect(outflow.dropped).toBe(1);
  });

  it("[L07] keeps 32 MiB at most for a server that takes nothing, and goes on once it does", async () => {
    const { nats, outflow } = world();
    const large = new Uint8Array(MIB);
    for (let at = 0; at < 40; at += 1) outflow.send("a", large, true);
    expect(nats.published).toHaveLength(32);
    expect(outflow.dropped).toBe(8);
    expect(nats.flushes).toHaveLength(1); // one question at a time
    nats.flushes.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
    outflow.send("a", large, true);
    expect(nats.published).toHaveLength(33);
    outflow.send("a", large, true);
    expect(outflow.dropped).toBe(9);
  });
});
