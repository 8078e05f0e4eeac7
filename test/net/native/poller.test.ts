import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AF_UNIX, EPOLLIN, STREAM } from "../../../src/net/native/constants.js";
import { type Polled, Poller } from "../../../src/net/native/poller.js";
import { CheckedLibc } from "../../support/checked-libc.js";

/** One end of a pair of sockets, watched; bytes are sent into the other. */
class End implements Polled {
  generation = 0;
  readonly far: number;
  readonly seen: number[] = [];
  fd: number;
  onReady: () => void = () => undefined;
  isBroken = false;

  constructor(fd: number, far: number) {
    this.fd = fd;
    this.far = far;
  }
  ready(events: number): void {
    this.seen.push(events);
    poller.libc.recv(this.fd, poller.chunkAddress, poller.chunk.length, 0x40);
    this.onReady();
  }
  broken(): void {
    this.isBroken = true;
    poller.close(this);
  }
}

let checked: CheckedLibc;
let poller: Poller;
let rounds: string[];
let isOver: boolean;
let errors: unknown[];
beforeEach(() => {
  checked = new CheckedLibc();
  rounds = [];
  isOver = false;
  errors = [];
  poller = new Poller(checked.calls, {
    begin: () => rounds.push("begin"),
    isOver: () => isOver,
    end: () => rounds.push("end"),
    error: (error) => errors.push(error),
  });
});
afterEach(() => {
  poller.end();
  expect([...checked.open]).toEqual([]);
});

function watched(): End {
  const two = new Int32Array(2);
  expect(checked.calls.socketPair(AF_UNIX, STREAM, 0, two)).toBe(0);
  const [near = -1, far = -1] = two;
  checked.open.add(near).add(far);
  const end = new End(near, far);
  expect(poller.add(end, EPOLLIN)).toBe(true);
  return end;
}

function write({ far }: End): void {
  checked.calls.send(far, Uint8Array.of(1), 1, 0x40);
}

function close(...ends: End[]): void {
  for (const end of ends) {
    if (end.fd >= 0) poller.close(end);
    checked.calls.close(end.far);
  }
}

describe("Poller", () => {
  it("tells what is ready, several in one round", async () => {
    const [one, two] = [watched(), watched()];
    write(one);
    write(two);
    await vi.waitFor(() => expect(two.seen).toEqual([EPOLLIN]));
    expect(one.seen).toEqual([EPOLLIN]);
    expect(rounds).toEqual(["begin", "end"]);
    close(one, two);
  });

  it("tells nothing that nobody asks for", async () => {
    const [one, two] = [watched(), watched()];
    poller.watch(one, 0);
    write(one);
    write(two);
    await vi.waitFor(() => expect(two.seen).toEqual([EPOLLIN]));
    expect(one.seen).toEqual([]);
    close(one, two);
  });

  it("[T6] whoever is gone is told of last, a few in a round that is over, and nobody is forgotten", async () => {
    const told: string[] = [];
    const gone = Array.from({ length: 40 }, watched);
    for (const end of gone) {
      end.onReady = () => {
        told.push("gone");
        poller.close(end);
      };
    }
    const one = watched();
    one.onReady = () => told.push("one");
    isOver = true;
    for (const { far } of gone) checked.calls.close(far); // each comes before the one that sends
    write(one);
    await vi.waitFor(() => expect(told).toHaveLength(41));
    expect(told.slice(0, 17)).toEqual(["one", ...Array.from({ length: 16 }, () => "gone")]);
    expect(rounds).toHaveLength(2 * 3); // 16, 16, 8
    close(one);
  });

  it("an event of one that was closed in the same round goes to nobody, nor to who has its number next", async () => {
    const [one, two] = [watched(), watched()];
    const next: End[] = [];
    const swap = (other: End) => () => {
      if (next.length > 0) return;
      const { fd } = other;
      close(other);
      next.push(watched());
      expect(next[0]?.fd === fd || next[0]?.far === fd).toBe(true); // the number is used again
    };
    one.onReady = swap(two);
    two.onReady = swap(one);
    write(one);
    write(two);
    await vi.waitFor(() => expect(next).toHaveLength(1));
    expect(one.seen.length + two.seen.length).toBe(1);
    expect(next[0]?.seen).toEqual([]);
    close(one.fd >= 0 ? one : two, ...next);
    expect(checked.faults).toEqual([]);
  });

  it("what an owner throws costs that owner", async () => {
    const [one, two] = [watched(), watched()];
    const bug = new Error("a bug");
    one.onReady = () => {
      throw bug;
    };
    write(one);
    write(two);
    await vi.waitFor(() => expect(two.seen).toEqual([EPOLLIN]));
    await vi.waitFor(() => expect(one.isBroken).toBe(true));
    expect(errors).toEqual([bug]);
    close(one, two);
  });

  it("refuses to touch what belongs to somebody else", () => {
    const one = watched();
    const thief: Polled = {
      fd: one.fd,
      generation: 1,
      ready: () => undefined,
      broken: () => undefined,
    };
    expect(() => poller.watch(thief, EPOLLIN)).toThrow("belongs to somebody else");
    expect(() => poller.close(thief)).toThrow("belongs to somebody else");
    close(one);
    expect(() => poller.close(one)).toThrow("belongs to somebody else");
  });

  it("takes no descriptor that the kernel cannot watch", () => {
    const lost: Polled = {
      fd: 9_999,
      generation: 0,
      ready: () => undefined,
      broken: () => undefined,
    };
    checked.open.add(lost.fd);
    expect(poller.add(lost, EPOLLIN)).toBe(false);
    expect(poller.size).toBe(0);
    checked.open.delete(lost.fd);
  });

  it("ends when its last descriptor is closed", () => {
    const one = watched();
    poller.end();
    poller.end();
    expect(checked.open.size).toBe(3);
    close(one);
    expect(checked.open.size).toBe(0);
  });

  it("says when the kernel gives it no descriptor", () => {
    const calls = { ...checked.calls, epollCreate: () => -1, errno: () => 24 };
    expect(
      () => new Poller(calls, { begin: vi.fn(), isOver: vi.fn(), end: vi.fn(), error: vi.fn() }),
    ).toThrow("epoll_create1 EMFILE: too many open files");
  });
});
