import { describe, expect, it } from "vitest";
import { checkFormat, FORMAT } from "../../src/store/format.js";
import { metaKey } from "../../src/store/keys.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { encodeJson } from "../../src/store/records.js";

describe("[J09] the format of a store", () => {
  it("is marked in an empty one, and found again", () => {
    const backend = new MemoryBackend();
    checkFormat(backend, "file");
    expect(backend.size).toBe(1);
    expect(() => checkFormat(backend, "file")).not.toThrow();
  });

  it("of another number is refused with both numbers", () => {
    const backend = new MemoryBackend();
    const value = encodeJson(FORMAT + 1);
    backend.apply({ kind: "put", key: metaKey("format"), value });
    expect(() => checkFormat(backend, "file")).toThrow(
      `file has format ${FORMAT + 1}; this version reads format ${FORMAT}`,
    );
  });

  it.each([
    ["is marked with today's when it is older and read all the same", false, FORMAT],
    ["stays what it is for somebody who only looks", true, 1],
  ])("%s", (_, isReadOnly, marked) => {
    const backend = new MemoryBackend();
    const key = metaKey("format");
    backend.apply({ kind: "put", key, value: encodeJson(1) });
    checkFormat(backend, "file", isReadOnly);
    const [found] = backend.entries(key, Uint8Array.from([...key, 0]));
    expect(found?.value).toEqual(encodeJson(marked));
  });

  it("is missing in what somebody else has written", () => {
    const backend = new MemoryBackend();
    backend.apply({ kind: "put", key: Uint8Array.of(0x41), value: Uint8Array.of(1) });
    expect(() => checkFormat(backend, "file")).toThrow("file is damaged: it holds something");
  });
});
