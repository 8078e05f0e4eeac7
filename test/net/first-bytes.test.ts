import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { lookAtFirstBytes } from "../../src/net/first-bytes.js";

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function pairOfSockets(): Promise<[near: Socket, far: Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number }; // listening on TCP
  const far = connect(port, "127.0.0.1");
  const [near] = (await once(server, "connection")) as [Socket];
  closers.push(
    () => server.close(),
    () => near.destroy(),
    () => far.destroy(),
  );
  near.on("error", () => undefined);
  return [near, far];
}

it("shows all that has come until it is enough, and leaves the rest for the next reader", async () => {
  const [near, far] = await pairOfSockets();
  const seen: string[] = [];
  lookAtFirstBytes(near, (bytes) => {
    seen.push(String(bytes));
    return bytes !== undefined && bytes.length >= 4 ? bytes.subarray(3) : undefined;
  });
  far.write("ab");
  await vi.waitUntil(() => seen.length === 1);
  far.write("cdef");
  await vi.waitUntil(() => seen.length === 2);
  const received: string[] = [];
  near.on("data", (bytes: Buffer) => received.push(String(bytes)));
  far.write("gh");
  await vi.waitUntil(() => received.join("") === "defgh");
  expect(seen).toEqual(["ab", "abcdef"]);
  expect(near.listenerCount("readable")).toBe(0);
});

it.each(["end", "reset"] as const)("tells the %s of a peer, once", async (how) => {
  const [near, far] = await pairOfSockets();
  const look = vi.fn(() => undefined);
  lookAtFirstBytes(near, look);
  if (how === "end") far.end();
  else far.resetAndDestroy();
  await vi.waitUntil(() => look.mock.calls.length > 0);
  near.destroy();
  if (!near.closed) await once(near, "close");
  expect(look.mock.calls).toEqual([[undefined]]);
});
