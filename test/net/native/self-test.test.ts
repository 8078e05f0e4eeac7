import { afterEach, describe, expect, it, vi } from "vitest";
import { testOnce } from "../../../src/net/native/self-test.js";
import { CheckedLibc } from "../../support/checked-libc.js";

afterEach(() => {
  vi.useRealTimers();
});

/** As `CheckedLibc`, but what `socketpair` gives counts, too. */
function counted(): CheckedLibc {
  const checked = new CheckedLibc();
  const { socketPair } = checked.calls;
  checked.calls.socketPair = (family, type, protocol, two) => {
    const result = socketPair(family, type, protocol, two);
    for (const fd of two) checked.open.add(fd);
    return result;
  };
  return checked;
}

describe("testOnce", () => {
  it("passes on this machine, and leaves nothing open", async () => {
    const checked = counted();
    await testOnce(checked.calls);
    expect([...checked.open]).toEqual([]);
    expect(checked.faults).toEqual([]);
  });

  it.each([
    ["socketPair", -1, "socketpair"],
    ["send", -1, "send"],
    ["epollControl", -1, "epoll_ctl"],
    ["recv", 0, "0 bytes came of the 3 that were sent"],
  ] as const)("says so when %s returns %i", async (call, result, words) => {
    const checked = counted();
    await expect(testOnce({ ...checked.calls, [call]: () => result })).rejects.toThrow(words);
    expect([...checked.open]).toEqual([]);
  });

  it("passes although the process was busy for all the time there is", async () => {
    const checked = counted();
    const { send } = checked.calls;
    const busy: typeof send = (...args) => {
      const endMs = performance.now() + 2_100;
      const sent = send(...args);
      while (performance.now() < endMs);
      return sent;
    };
    await testOnce({ ...checked.calls, send: busy });
    expect([...checked.open]).toEqual([]);
  });

  it("says so when nothing wakes it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const checked = counted();
    const waking = { close: vi.fn(), ref: vi.fn(), unref: vi.fn() };
    const tested = testOnce({ ...checked.calls, wake: () => waking });
    const failed = expect(tested).rejects.toThrow("the kernel did not wake us");
    await vi.advanceTimersByTimeAsync(2_000);
    await failed;
    expect(waking.close).toHaveBeenCalledOnce();
    expect([...checked.open]).toEqual([]);
  });
});
