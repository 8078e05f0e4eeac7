import { describe, expect, it } from "vitest";
import { SilentPeers } from "../../src/net/silent-peers.js";

class Watched {
  times = 0;
  watchPeer(): void {
    this.times += 1;
  }
}

describe("silent peers", () => {
  it("[B22] are looked after once, when their connection has lasted", () => {
    const peers = new SilentPeers();
    const [first, second] = [new Watched(), new Watched()];
    peers.add(first, 1_000);
    peers.add(second, 2_000);
    peers.sweep(5_999);
    expect([first.times, second.times]).toEqual([0, 0]);
    peers.sweep(6_000);
    expect([first.times, second.times]).toEqual([1, 0]);
    peers.sweep(60_000);
    expect([first.times, second.times]).toEqual([1, 1]);
  });

  it("[B22] [T1] are looked after a thousand at a time, the oldest first", () => {
    const peers = new SilentPeers();
    const all = Array.from({ length: 2_500 }, () => new Watched());
    for (const link of all) peers.add(link, 0);
    const watched = (): number => all.filter(({ times }) => times === 1).length;
    peers.sweep(60_000);
    expect([watched(), all[0]?.times, all[1_000]?.times]).toEqual([1_000, 1, 0]);
    peers.sweep(60_250);
    peers.sweep(60_500);
    expect(watched()).toBe(2_500);
  });

  it("[B22] are forgotten with their connection", () => {
    const peers = new SilentPeers();
    const link = new Watched();
    peers.add(link, 1_000);
    peers.remove(link);
    peers.sweep(60_000);
    expect(link.times).toBe(0);
  });
});
