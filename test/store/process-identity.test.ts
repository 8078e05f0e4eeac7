import { describe, expect, it } from "vitest";
import {
  decodeIdentity,
  encodeIdentity,
  isOurKind,
  isRunning,
  ownIdentity,
} from "../../src/store/process-identity.js";

describe("[D3] who holds a lock", () => {
  it("comes back from the file as it was written there", () => {
    const own = ownIdentity(true, "1:2");
    expect(decodeIdentity(encodeIdentity(own))).toEqual(own);
    const bare = { ...own, start: "", boot: "", namespace: "", isKernelLocked: false, file: "" };
    expect(decodeIdentity(encodeIdentity(bare))).toEqual(bare);
    for (const text of ["", "nonsense", "-5 1", "0 1"])
      expect(decodeIdentity(text)).toBeUndefined();
  });

  it("begins with what older versions read, and theirs is understood", () => {
    const own = ownIdentity(false, "1:2");
    expect(encodeIdentity(own)).toMatch(new RegExp(`^${own.pid} ${own.start} `));
    const older = decodeIdentity(`${own.pid} ${own.start}\n`);
    expect(older).toMatchObject({ pid: own.pid, start: own.start, boot: "", namespace: "" });
    expect(older !== undefined && isOurKind(older, own)).toBe(true);
  });

  it("is asked by its number only where that number counts", () => {
    const own = ownIdentity(false, "1:2");
    expect([isOurKind(own, own), isRunning(own)]).toEqual([true, true]);
    expect(isOurKind({ ...own, namespace: "pid:[1]" }, own)).toBe(false);
    expect(isOurKind({ ...own, boot: "another" }, own)).toBe(false);
    expect(isRunning({ ...own, start: "1" })).toBe(false);
    expect(isRunning({ ...own, pid: 2 ** 30 })).toBe(false);
  });
});
