import fc from "fast-check";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encode } from "../../src/codec/index.js";
import { chunkSizes, concat, cut, packet } from "../support/arbitraries.js";
import { bundleCodec } from "./bundle.js";
import { CHROMIUM, CHROMIUM_MS, startChromium } from "./chromium.js";

/** What the page makes of chunks: the packets as JSON, bytes as hex, or the error's code. */
interface Read {
  readonly packets: readonly string[];
  readonly again: string;
  readonly code: string | undefined;
}

/** The few globals of the page that the functions below name. */
interface PageGlobals {
  beeline: typeof import("../../src/codec/index.js");
  Buffer?: unknown;
  process?: unknown;
}

/** Runs in the page, whose only library is the bundle. */
function readInPage(hexChunks: readonly string[]): Read {
  const { beeline } = globalThis as unknown as PageGlobals;
  const toBytes = (hex: string) =>
    Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const toHex = (bytes: Uint8Array) =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const stream = new beeline.PacketStream();
  const packets: string[] = [];
  let again = "";
  try {
    for (const chunk of hexChunks) {
      stream.push(toBytes(chunk));
      for (let found = stream.next(); found !== undefined; found = stream.next()) {
        packets.push(
          JSON.stringify(found, (_, value) => (value instanceof Uint8Array ? toHex(value) : value)),
        );
        again += toHex(beeline.encode(found));
      }
    }
  } catch (error) {
    return { packets, again, code: (error as { code?: string }).code ?? String(error) };
  }
  return { packets, again, code: undefined };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("the codec in Chromium", () => {
  let browser: Browser | undefined;
  let page: Page;

  beforeAll(async () => {
    browser = await startChromium();
    if (browser === undefined) return;
    page = await browser.newPage();
    await page.addScriptTag({ content: bundleCodec() });
  }, CHROMIUM_MS);

  afterAll(async () => {
    await browser?.close();
  });

  /** A test that says why it is skipped where there is no browser. */
  function testInPage(name: string, run: () => Promise<void>): void {
    test(name, { timeout: CHROMIUM_MS }, async ({ skip }) => {
      skip(CHROMIUM === undefined, "there is no Chromium at /usr/bin/chromium");
      await run();
    });
  }

  testInPage("runs where there is nothing of Node", async () => {
    const found = await page.evaluate(() => {
      const { Buffer: buffer, process, beeline } = globalThis as unknown as PageGlobals;
      return [typeof buffer, typeof process, typeof beeline.PacketStream];
    });
    expect(found).toEqual(["undefined", "undefined", "function"]);
  });

  testInPage(
    "[MQTT-6.0.0-2] reads packets as Node does, however they are cut, and writes them back",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(packet, { minLength: 1, maxLength: 8 }),
          chunkSizes,
          async (sent, sizes) => {
            const bytes = concat(sent.map(encode));
            const read = await page.evaluate(readInPage, cut(bytes, sizes).map(hex));
            const expected = sent.map((each) =>
              JSON.stringify(each, (_, value) =>
                value instanceof Uint8Array ? hex(value) : value,
              ),
            );
            expect(read).toEqual({ packets: expected, again: hex(bytes), code: undefined });
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  testInPage("[MQTT-1.5.3-1] refuses what Node's does, with the same codes", async () => {
    const bad = {
      "3003000180": "ill-formed-utf8",
      "3003000100": "null-character",
      "3003000123": "wildcard-in-topic-name",
      "40020000": "zero-packet-id",
      "30ffffffff": "malformed-remaining-length",
      "3803000161": "dup-at-qos-0",
    };
    for (const [stream, code] of Object.entries(bad)) {
      expect((await page.evaluate(readInPage, [stream])).code).toBe(code);
    }
  });

  testInPage("does what the ten lines of the notes say", async () => {
    const received = await page.evaluate(() => {
      const { beeline } = globalThis as unknown as PageGlobals;
      const { encode: write, PacketReader, PacketType, utf8Decode } = beeline;
      const reader = new PacketReader({ sender: "server" });
      const topics: string[] = [];
      const receive = (chunk: Uint8Array) => {
        reader.push(chunk);
        while (reader.advance()) {
          if (reader.type !== PacketType.PUBLISH) continue;
          topics.push(utf8Decode(reader.bytes, reader.topicAt, reader.topicEnd));
        }
      };
      const payload = new TextEncoder().encode("21.5");
      receive(
        write({
          type: PacketType.PUBLISH,
          dup: false,
          qos: 0,
          retain: false,
          topicName: "room/é/temperature",
          packetId: 0,
          payload,
        }),
      );
      return topics;
    });
    expect(received).toEqual(["room/é/temperature"]);
  });
});
