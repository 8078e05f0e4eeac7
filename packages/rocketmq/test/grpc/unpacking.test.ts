import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { SimpleConsumer } from "../../src/grpc/client-library.js";
import { UNREADABLE, unpackBodies } from "../../src/grpc/unpacking.js";

const PLAIN = 1;
const PACKED = 2;

/** A message as the protocol has it. */
function packed(body: Uint8Array, encoding = PACKED) {
  const state = { body, encoding, properties: new Map<string, string>() };
  const message = {
    getBody_asU8: () => state.body,
    setBody: (next: Uint8Array) => {
      state.body = next;
    },
    getSystemProperties: () => ({
      getBodyEncoding: () => state.encoding,
      setBodyEncoding: (next: number) => {
        state.encoding = next;
      },
    }),
    getUserPropertiesMap: () => state.properties,
  };
  return { state, message };
}

async function unpacked(body: Uint8Array, encoding = PACKED) {
  const { state, message } = packed(body, encoding);
  const answers = [{ getMessage: () => undefined }, { getMessage: () => message }];
  const asked: unknown[] = [];
  const rpcClientManager = {
    receiveMessage: async (...request: unknown[]) => {
      asked.push(...request);
      return answers;
    },
  };
  unpackBodies({ rpcClientManager } as unknown as SimpleConsumer); // nothing else of it is used
  expect(await rpcClientManager.receiveMessage("where", "what")).toBe(answers);
  expect(asked).toEqual(["where", "what"]);
  return state;
}

describe("a body that an SDK has packed", () => {
  it.each([
    ["zlib", deflateSync],
    ["gzip", gzipSync],
  ])("is unpacked: %s", async (_, pack) => {
    const { body, encoding, properties } = await unpacked(pack("hello"));
    expect([Buffer.from(body).toString(), encoding, properties.size]).toEqual(["hello", PLAIN, 0]);
  });

  it("is left alone when it is none", async () => {
    const body = deflateSync("hello");
    expect((await unpacked(body, PLAIN)).body).toBe(body);
  });

  it("is marked when nobody can read it, and when it is a trap", async () => {
    const bomb = deflateSync(new Uint8Array(16 * 1024 * 1024 + 1));
    for (const body of [Buffer.from("what is this?"), bomb]) {
      const { encoding, properties } = await unpacked(body);
      expect([encoding, properties.has(UNREADABLE)]).toEqual([PLAIN, true]);
    }
  });
});
