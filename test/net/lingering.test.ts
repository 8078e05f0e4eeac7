import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Lingering } from "../../src/net/lingering.js";

describe("Lingering", () => {
  it("[B20] [B21] destroys a socket whose peer has not closed within a second", () => {
    const lingering = new Lingering();
    const socket = new PassThrough();
    lingering.add(socket, 1_000);
    lingering.sweep(1_749);
    expect(socket.destroyed).toBe(false);
    lingering.sweep(1_750);
    expect(socket.destroyed).toBe(true);
  });

  it("gives a peer ten seconds that still has to take something", () => {
    const lingering = new Lingering();
    const slow = new PassThrough({ highWaterMark: 1, transform: () => undefined });
    slow.write("not taken");
    lingering.add(slow, 1_000);
    lingering.sweep(10_999);
    expect(slow.destroyed).toBe(false);
    lingering.sweep(11_000);
    expect(slow.destroyed).toBe(true);
  });

  it("looks at those only whose time has come", () => {
    const lingering = new Lingering();
    const early = new PassThrough();
    const late = new PassThrough();
    lingering.add(early, 1_000);
    lingering.add(late, 1_500);
    lingering.sweep(2_000);
    expect([early.destroyed, late.destroyed]).toEqual([true, false]);
  });

  it("says when the last one has closed", async () => {
    const lingering = new Lingering();
    const sockets = [new PassThrough(), new PassThrough()] as const;
    for (const socket of sockets) lingering.add(socket, 1);
    let isEmpty = false;
    const whenEmpty = lingering.whenEmpty().then(() => {
      isEmpty = true;
    });
    lingering.remove(sockets[0]);
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    lingering.remove(sockets[1]);
    await whenEmpty;
    expect(lingering.size).toBe(0);
  });

  it("is empty at once when nothing lingers, and forgets a socket it never had", async () => {
    const lingering = new Lingering();
    lingering.remove(new PassThrough());
    await lingering.whenEmpty();
    expect(lingering.size).toBe(0);
  });

  it("destroys all of them when there is no time left", () => {
    const lingering = new Lingering();
    const sockets = [new PassThrough(), new PassThrough()];
    for (const socket of sockets) lingering.add(socket, 1);
    lingering.destroyAll();
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
  });
});
