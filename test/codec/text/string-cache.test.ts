import fc from "fast-check";
import { describe, expect, it, test, vi } from "vitest";
import { hashBytes } from "../../../src/codec/raw.js";
import { knownTopic, topicString } from "../../../src/codec/text/string-cache.js";
import { loadWords } from "../../../src/codec/text/text-words.js";
import { topicFilter, topicName } from "../../support/arbitraries.js";
import { roundsOf } from "../../support/quick.js";

interface Cache {
  readonly topicString: typeof topicString;
  readonly knownTopic: typeof knownTopic;
  readonly loadWords: typeof loadWords;
}

/** Both ways to ask for the string, from the middle of a buffer. */
function both(
  name: string,
  cache: Cache = { topicString, knownTopic, loadWords },
): [string, string] {
  const bytes = Uint8Array.from([1, ...new TextEncoder().encode(name), 2]);
  const end = bytes.length - 1;
  const hash = hashBytes(bytes, 1, end);
  return [ask(cache, bytes, 1, end, hash, false), ask(cache, bytes, 1, end, hash, true)];
}

/** The string by the words loaded before, or by a view where there may be one. */
function ask(
  cache: Cache,
  bytes: Uint8Array,
  at: number,
  end: number,
  hash: number,
  byView: boolean,
): string {
  if (byView && end - at >= 4) {
    cache.loadWords(Uint8Array.of(1, 2, 3, 4, 5), 0, 5); // of no use to it
    return cache.topicString(bytes, at, end, hash, new DataView(bytes.buffer));
  }
  cache.loadWords(bytes, at, end);
  return cache.topicString(bytes, at, end, hash);
}

/** A cache that no test has used: which strings drive out which is the same in every run. */
async function emptyCache(): Promise<Cache> {
  vi.resetModules();
  const fresh = await import("../../../src/codec/text/string-cache.js");
  return { ...fresh, ...(await import("../../../src/codec/text/text-words.js")) };
}

describe("the string cache", () => {
  test("gives the string of the bytes, however often and in whatever company", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(topicName, topicFilter), { maxLength: 30 }), (names) => {
        for (const name of [...names, ...names]) expect(both(name)).toEqual([name, name]);
      }),
      { numRuns: roundsOf(200) },
    );
  });

  it("gives the string of the bytes when many more names come than it holds", () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 5000; index++) {
        const name = `device/${index}/x`;
        expect(both(name)).toEqual([name, name]);
      }
    }
  });

  it.each([50, 100, 300])(
    "makes the strings of %i topics once, after others have filled it",
    async (count) => {
      const cache = await emptyCache();
      for (let index = 0; index < 5000; index++) both(`other/${index}`, cache);
      const names = Array.from({ length: count }, (_, index) => `fleet/p2p/device-${1000 + index}`);
      const made = vi.spyOn(String, "fromCharCode");
      const lap = () => {
        made.mockClear();
        for (const name of names) both(name, cache);
        return made.mock.calls.length;
      };
      for (let index = 0; index < 100; index++) lap();
      const madeAgain = lap();
      made.mockRestore();
      expect(madeAgain).toBe(0);
    },
  );

  it("[C15] tells apart names whose hash is the same", async () => {
    const cache = await emptyCache();
    const bytes = new Uint8Array(64);
    const encoder = new TextEncoder();
    const short = ["ab", "cd", "ef"];
    const long = ["abcdefgh", "abcdefgi", "bbcdefgh", "abcdefghijkl", "abcdefgh", "bbcdefgh"];
    const names = [...short, ...long];
    for (const byView of [false, true]) {
      for (const [hash, name] of [...names, ...names].entries()) {
        const { written } = encoder.encodeInto(name, bytes);
        for (const sameFor of [100 + (hash >> 1), 42]) {
          expect(ask(cache, bytes, 0, written, sameFor, byView)).toBe(name);
          expect(ask(cache, bytes, 0, written, sameFor, byView)).toBe(name);
        }
      }
    }
  });

  it.each([1, 4, 5, 8, 63, 64])(
    "makes the string of a name of %i bytes once, whichever way it comes",
    async (length) => {
      const cache = await emptyCache();
      const name = "0123456789".repeat(7).slice(0, length);
      const bytes = new TextEncoder().encode(name);
      const others = new Uint8Array(100).fill(0x62);
      const made = vi.spyOn(String, "fromCharCode");
      for (const [hash, firstByView] of [false, true].entries()) {
        for (const byView of [firstByView, true, false]) {
          ask(cache, bytes, 0, length, hash, byView);
          cache.loadWords(others, 0, others.length); // what is left of others is not compared
        }
      }
      const count = made.mock.calls.length;
      made.mockRestore();
      expect(count).toBe(2); // one for each hash
    },
  );

  it("does not keep a name of more than 64 bytes, whatever is kept beside its place", async () => {
    const cache = await emptyCache();
    const bytes = new TextEncoder().encode(`${"x".repeat(64)}abcd`);
    ask(cache, bytes, 0, 68, 7, false);
    ask(cache, bytes, 64, 68, 8, false); // "abcd", in the place behind
    cache.loadWords(bytes, 0, 68);
    expect(cache.knownTopic(0, 68, 7)).toBeUndefined();
    expect(cache.knownTopic(0, 68, 7, new DataView(bytes.buffer))).toBeUndefined();
  });

  it.each([1, 3, 4, 5, 63, 64, 65, 200])("takes names of %i bytes", (length) => {
    const name = "0123456789".repeat(20).slice(0, length);
    expect(both(name)).toEqual([name, name]);
    expect(both(name)).toEqual([name, name]);
  });
});
