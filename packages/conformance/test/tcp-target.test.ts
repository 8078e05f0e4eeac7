import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { TcpTarget } from "../src/tcp-target.js";

/** A server on a free port whose first connection the test holds. */
async function serve() {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server has one
  const accepted = once(server, "connection") as Promise<[Socket]>;
  return { server, port, accepted };
}

describe("a broker behind a TCP socket", () => {
  it("gets what is sent and sends what it likes, until either side ends", async () => {
    const { server, port, accepted } = await serve();
    const chunks: Uint8Array[] = [];
    let closes = 0;
    const wire = await new TcpTarget({ host: "127.0.0.1", port }).dial({
      received: (chunk) => chunks.push(chunk),
      closed: () => closes++,
    });
    const [socket] = await accepted;
    wire.send(Uint8Array.of(1, 2));
    const [got] = (await once(socket, "data")) as [Buffer];
    expect([...got]).toEqual([1, 2]);
    socket.write(Uint8Array.of(3));
    await expect.poll(() => chunks.map((chunk) => [...chunk])).toEqual([[3]]);
    wire.finish();
    await once(socket, "end");
    expect(closes).toBe(0); // our end only: the other side may still speak
    socket.write(Uint8Array.of(4));
    await expect.poll(() => chunks.length).toBe(2);
    socket.end();
    await expect.poll(() => closes).toBeGreaterThan(0);
    wire.send(Uint8Array.of(9)); // on a closed socket: nothing happens
    server.close();
  });

  it("can be broken off, and not read from for a while", async () => {
    const { server, port, accepted } = await serve();
    const chunks: Uint8Array[] = [];
    const wire = await new TcpTarget({ host: "127.0.0.1", port }).dial({
      received: (chunk) => chunks.push(chunk),
      closed: () => {},
    });
    const [socket] = await accepted;
    wire.pause();
    socket.write("x");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(chunks).toEqual([]);
    wire.resume();
    await expect.poll(() => chunks.length).toBe(1);
    const reset = once(socket, "error");
    wire.destroy();
    await expect(reset).resolves.toMatchObject([{ code: "ECONNRESET" }]);
    server.close();
  });

  it("says so when nobody listens", async () => {
    const { server, port } = await serve();
    server.close();
    await once(server, "close");
    const dialled = new TcpTarget({ host: "127.0.0.1", port }).dial({
      received: () => {},
      closed: () => {},
    });
    await expect(dialled).rejects.toThrow("ECONNREFUSED");
  });

  it("keeps time by the wall clock, and wakes early", async () => {
    const { clock } = new TcpTarget({ host: "127.0.0.1", port: 1, quietMs: 7, patienceMs: 9 });
    expect([clock.quietMs, clock.patienceMs]).toEqual([7, 9]);
    const startMs = clock.now();
    await clock.pass(20, new Promise(() => {}));
    expect(clock.now() - startMs).toBeGreaterThan(15);
    await clock.pass(60_000, Promise.resolve());
    expect(clock.now() - startMs).toBeLessThan(10_000);
  });
});
