import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { loadLibc } from "../../../src/net/native/libc.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock("node:module");
  vi.resetModules();
});

describe("loadLibc", () => {
  it("tells what a failed call tells", () => {
    const libc = loadLibc();
    expect(libc.close(-1)).toBe(-1);
    expect(libc.errno()).toBe(9); // EBADF
  });

  it.each([
    { platform: "darwin", arch: "arm64" },
    { platform: "linux", arch: "s390x" },
  ])("is not there on $platform with $arch", (machine) => {
    vi.stubGlobal("process", { ...process, ...machine });
    expect(loadLibc).toThrow("it is for Linux on x64 and arm64 only");
  });

  it("says that koffi is missing, in one line", async () => {
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => () => {
        throw new Error("Cannot find module 'koffi'\nRequire stack:\n- here");
      },
    }));
    const { loadLibc: load } = await import("../../../src/net/native/libc.js");
    expect(load).toThrow(
      "the optional package koffi cannot be loaded (Cannot find module 'koffi')",
    );
  });

  it("refuses to work in a worker thread, whose end would be the process's", async () => {
    vi.resetModules();
    vi.doMock("node:worker_threads", () => ({ isMainThread: false, Worker }));
    const { loadLibc: load } = await import("../../../src/net/native/libc.js");
    expect(load).toThrow("it works in the main thread only");
    vi.doUnmock("node:worker_threads");
  });
});
