import { once } from "node:events";
import { connect, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RawListening } from "../../../src/net/native/raw-listening.js";
import { happens, hasIpv6 } from "../../support/ipv6.js";
import { RawWorld } from "../../support/raw-world.js";
import { whenClosed } from "../../support/when-closed.js";

let world: RawWorld;
beforeEach(async () => {
  world = await new RawWorld().listen();
});
afterEach(() => {
  vi.useRealTimers();
  expect(world.end()).toEqual([]);
  expect(world.checked.faults).toEqual([]);
});

async function connects(port: number, host = "127.0.0.1"): Promise<boolean> {
  const socket = connect(port, host);
  const connected = await happens(socket, "connect");
  socket.destroy();
  return connected;
}

function another(): { listening: RawListening; errors: Error[] } {
  const errors: Error[] = [];
  const accepted = (fd: number): void => void world.checked.calls.close(fd);
  const listening = new RawListening(world.poller, accepted, (error) => errors.push(error));
  return { listening, errors };
}

describe("RawListening", () => {
  it("says where it listens, and refuses connections once it is closed", async () => {
    expect(await connects(world.port)).toBe(true);
    world.listening.close();
    expect(await connects(world.port)).toBe(false);
  });

  it("looks up names", async () => {
    const { listening } = another();
    const { host, port } = await listening.listen({ host: "localhost", port: 0 });
    expect(await connects(port, host)).toBe(true);
    listening.close();
  });

  it("listens at IPv6 addresses", async (context) => {
    if (!(await hasIpv6())) context.skip("needs ::1");
    const { listening } = another();
    const { host, port } = await listening.listen({ host: "::1", port: 0 });
    expect(host).toBe("::1");
    expect(await connects(port, "::1")).toBe(true);
    listening.close();
  });

  it("at :: it takes IPv4, too, as Node's servers do", async (context) => {
    if (!(await hasIpv6())) context.skip("needs ::1");
    const { listening } = another();
    const { port } = await listening.listen({ host: "::", port: 0 });
    expect(await connects(port)).toBe(true);
    listening.close();
  });

  it("says that a port is taken as Node says it", async () => {
    const { listening } = another();
    const theirs = createServer().listen(world.port, "127.0.0.1");
    const [{ message }] = (await once(theirs, "error")) as [Error]; // what this event brings
    await expect(listening.listen({ host: "127.0.0.1", port: world.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message,
    });
  });

  it("says that a name or an address is not of this machine", async () => {
    const { listening } = another();
    await expect(listening.listen({ host: "192.0.2.1", port: 0 })).rejects.toMatchObject({
      code: "EADDRNOTAVAIL",
    });
    await expect(listening.listen({ host: "no.such.invalid", port: 0 })).rejects.toMatchObject({
      syscall: "getaddrinfo",
    });
  });

  it("[I11] stops accepting for a second when there is no descriptor left, and says so", async () => {
    const { listening, errors } = another();
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    world.checked.acceptErrors.push(24);
    connect(port, "127.0.0.1").on("error", () => undefined);
    while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toMatchObject([{ code: "EMFILE", syscall: "accept" }]);
    expect(await connects(port)).toBe(false);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await connects(port)).toBe(true);
    listening.close();
  });

  it("[I11] tries again and again while somebody else has its port", async () => {
    const { listening, errors } = another();
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    world.checked.acceptErrors.push(23);
    connect(port, "127.0.0.1").on("error", () => undefined);
    while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    vi.advanceTimersByTime(1_000);
    expect(errors[1]).toMatchObject({ code: "EADDRINUSE" });
    other.close();
    await whenClosed(other);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await connects(port)).toBe(true);
    listening.close();
  });

  it("goes on when a peer is gone before it is accepted", async () => {
    const { listening, errors } = another();
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    world.checked.acceptErrors.push(103);
    expect(await connects(port)).toBe(true);
    expect(errors).toEqual([]);
    listening.close();
  });

  it("goes on after what it calls has thrown: that costs the one who came", async () => {
    let thrown = 0;
    const accepted = (fd: number): void => {
      world.checked.calls.close(fd);
      thrown += 1;
      if (thrown === 1) throw new Error("bad callback");
    };
    const listening = new RawListening(world.poller, accepted, () => undefined);
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    expect(await connects(port)).toBe(true);
    await vi.waitFor(() => expect(world.errors).toEqual([new Error("bad callback")]));
    expect(await connects(port)).toBe(true);
    await vi.waitFor(() => expect(thrown).toBe(2));
    listening.close();
  });

  it("[I11] listens again although whoever is told why it does not has thrown", async () => {
    const told: Error[] = [];
    const listening = new RawListening(
      world.poller,
      (fd) => void world.checked.calls.close(fd),
      (error) => {
        told.push(error);
        throw error;
      },
    );
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    world.checked.acceptErrors.push(24);
    connect(port, "127.0.0.1").on("error", () => undefined);
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    expect(() => vi.advanceTimersByTime(1_000)).toThrow("EADDRINUSE");
    other.close();
    await whenClosed(other);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await connects(port)).toBe(true);
    listening.close();
  });

  it("closed while the name is looked up, it does not listen", async () => {
    const { listening } = another();
    const listened = listening.listen({ host: "localhost", port: 0 });
    listening.close();
    const { port } = await listened;
    expect(await connects(port)).toBe(false);
  });
});
