import { expect, it } from "vitest";
import { FORMAT, FORMAT_KEY } from "../../src/store/format.js";
import { metaKey } from "../../src/store/keys.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { encodeJson } from "../../src/store/records.js";
import { seal } from "../../src/store/seal.js";
import { formatAsFormat1ReadsIt } from "../support/format-1.js";

it("[J09] stands where it always stood, and is read by the first version", () => {
  expect(FORMAT_KEY).toEqual(metaKey("format"));
  const backend = new MemoryBackend();
  const value = seal(Buffer.alloc(0), encodeJson(FORMAT));
  backend.apply({ kind: "put", key: FORMAT_KEY, value });
  expect(formatAsFormat1ReadsIt(backend)).toBe(FORMAT);
});
