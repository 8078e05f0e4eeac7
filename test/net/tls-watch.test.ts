import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TlsWatch } from "../../src/net/tls-watch.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Both ends of a TLS connection, as far as they are looked at. */
function connection() {
  const raw = Object.assign(new EventEmitter(), { bytesRead: 2_000 });
  const secure = Object.assign(new EventEmitter(), { bytesRead: 0 });
  return { raw, secure, ends: [raw as unknown as Socket, secure as unknown as TLSSocket] as const };
}

it("[K10] ends a connection that carries nothing but TLS, and no other", () => {
  const ended = vi.fn();
  const watch = new TlsWatch(ended, 10_000);
  const loud = connection();
  const busy = connection();
  watch.add(...loud.ends);
  watch.add(...busy.ends);
  for (let at = 0; at < 10; at += 1) {
    loud.raw.bytesRead += 1_000;
    busy.raw.bytesRead += 24_000; // a thousand records with a byte each
    busy.secure.bytesRead += 1_000;
    vi.advanceTimersByTime(250);
  }
  expect(ended).not.toHaveBeenCalled();
  loud.raw.bytesRead += 1;
  vi.advanceTimersByTime(250);
  expect(ended.mock.calls).toEqual([[loud.secure]]);
});

it("looks at nobody who has left, and at nothing when all have", () => {
  const watch = new TlsWatch(() => expect.fail("it has left"), 10);
  const gone = connection();
  watch.add(...gone.ends);
  gone.raw.bytesRead += 1_000;
  watch.remove(gone.ends[1]);
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(0);
});

it("[K10] looks at all in turn, each once a second, however many there are", () => {
  const ended = vi.fn();
  const watch = new TlsWatch(ended, 10);
  const many = Array.from({ length: 12_000 }, connection);
  for (const { ends } of many) watch.add(...ends);
  const last = many.at(-1);
  if (last !== undefined) last.raw.bytesRead += 1_000;
  vi.advanceTimersByTime(250);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(750);
  expect(ended).toHaveBeenCalledTimes(1);
});
