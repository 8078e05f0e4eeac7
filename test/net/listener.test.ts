import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Listener } from "../../src/net/listener.js";
import { ListeningServer } from "../../src/net/listening-server.js";
import { happens, hasIpv6 } from "../support/ipv6.js";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function listenerWith(errors: Error[] = []) {
  const accepted: Socket[] = [];
  const listener = new Listener(
    () =>
      new ListeningServer(
        () => createServer((socket) => accepted.push(socket)),
        (error) => errors.push(error),
      ),
  );
  closers.push(() => listener.close());
  return { listener, accepted };
}

async function connects(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  const connected = await happens(socket, "connect");
  socket.destroy();
  return connected;
}

describe("Listener at localhost", () => {
  it("listens in both families, at one port, until it is closed", async (context) => {
    if (!(await hasIpv6())) context.skip("needs ::1");
    const { listener } = listenerWith();
    const { host, port } = await listener.listen({ host: "localhost", port: 0 });
    expect(host).toBe("localhost");
    expect(await connects(port, "127.0.0.1")).toBe(true);
    expect(await connects(port, "::1")).toBe(true);
    listener.close();
    expect(await connects(port, "127.0.0.1")).toBe(false);
    expect(await connects(port, "::1")).toBe(false);
  });

  it("says that a port is taken when it is in the second family, and has none then", async (context) => {
    if (!(await hasIpv6())) context.skip("needs ::1");
    const other = createServer().listen(0, "::1");
    await once(other, "listening");
    closers.push(() => other.close());
    const { port } = other.address() as { port: number }; // listening on TCP
    const { listener } = listenerWith();
    await expect(listener.listen({ host: "localhost", port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    expect(await connects(port, "127.0.0.1")).toBe(false);
  });

  it("takes another port when any is wanted and the first is taken in the other family", async () => {
    const listens = failingListens("::1", "EADDRINUSE", 2);
    const { listener } = listenerWith();
    const { port } = await listener.listen({ host: "localhost", port: 0 });
    expect(listens()).toBe(0);
    expect(await connects(port, "127.0.0.1")).toBe(true);
  });

  it("gives up when no port is free in both", async () => {
    failingListens("::1", "EADDRINUSE", 1_000);
    const { listener } = listenerWith();
    await expect(listener.listen({ host: "localhost", port: 0 })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  it("listens in the family that there is", async () => {
    failingListens("::1", "EAFNOSUPPORT", 1);
    const { listener } = listenerWith();
    const { host, port } = await listener.listen({ host: "localhost", port: 0 });
    expect(host).toBe("127.0.0.1");
    expect(await connects(port, "127.0.0.1")).toBe(true);
  });

  it("says what is wrong when there is neither family", async () => {
    failingListens(undefined, "EADDRNOTAVAIL", 2);
    await expect(
      listenerWith().listener.listen({ host: "localhost", port: 0 }),
    ).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
  });
});

const realListen = Server.prototype.listen;

/** Lets the next ones fail who listen at this address, or anywhere. @returns how many are left to fail. */
function failingListens(host: string | undefined, code: string, count: number): () => number {
  let left = count;
  vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server, ...args) {
    const options = args[0] as unknown as { host?: string }; // as the Listener calls it
    if ((host ?? options.host) !== options.host || left === 0) return realListen.apply(this, args);
    left -= 1;
    process.nextTick(() => this.emit("error", Object.assign(new Error(code), { code })));
    return this;
  });
  return () => left;
}

describe("Listener", () => {
  it("accepts connections, and says which port it has instead of 0", async () => {
    const { listener, accepted } = listenerWith();
    const address = await listener.listen({ host: "127.0.0.1", port: 0 });
    expect(address.host).toBe("127.0.0.1");
    expect(address.port).toBeGreaterThan(0);
    const socket = connect(address.port, "127.0.0.1");
    await once(socket, "connect");
    socket.end();
    await vi.waitUntil(() => accepted.length === 1);
    accepted[0]?.destroy();
  });

  it("says that a port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    closers.push(() => other.close());
    const { port } = other.address() as { port: number }; // listening on TCP
    const { listener } = listenerWith();
    await expect(listener.listen({ host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  it("accepts nothing any more once closed", async () => {
    const { listener } = listenerWith();
    const { port } = await listener.listen({ host: "127.0.0.1", port: 0 });
    listener.close();
    const socket = connect(port, "127.0.0.1");
    const [error] = (await once(socket, "error")) as [Error]; // what this event brings
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("[I11] stops accepting for a while when it cannot, and goes on at the same port", async () => {
    const listens = vi.spyOn(Server.prototype, "listen");
    const errors: Error[] = [];
    const { listener, accepted } = listenerWith(errors);
    const { port } = await listener.listen({ host: "127.0.0.1", port: 0 });
    const server = listens.mock.contexts[0] as Server; // the one that listens
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const tooMany = Object.assign(new Error("accept EMFILE"), { code: "EMFILE" });
    server.emit("error", tooMany);
    server.emit("error", tooMany); // what was on its way before it closed
    expect(errors).toEqual([tooMany]);
    expect(server.listening).toBe(false);
    vi.advanceTimersByTime(999);
    expect(listens).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await vi.waitUntil(() => (listens.mock.contexts[1] as Server | undefined)?.listening);
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
    await vi.waitUntil(() => accepted.length === 1);
    accepted[0]?.destroy();
  });

  it("[I11] tries again when the port is not free at once, until it is closed", async () => {
    const listens = vi.spyOn(Server.prototype, "listen");
    const errors: Error[] = [];
    const { listener } = listenerWith(errors);
    const { port } = await listener.listen({ host: "127.0.0.1", port: 0 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    (listens.mock.contexts[0] as Server).emit("error", new Error("accept ENFILE")); // the one that listens
    const thief = createServer().listen(port, "127.0.0.1");
    await once(thief, "listening");
    closers.push(() => thief.close());
    for (const count of [2, 3]) {
      vi.advanceTimersByTime(1_000);
      await vi.waitUntil(() => errors.length === count, { interval: 1 });
      expect(errors.at(-1)).toMatchObject({ code: "EADDRINUSE" });
    }
    listener.close();
    const calls = listens.mock.calls.length;
    vi.advanceTimersByTime(10_000);
    expect(listens.mock.calls.length).toBe(calls);
  });

  it.runIf(process.platform === "linux")(
    "[I11] survives having no descriptor left, for real, without eating the processor",
    { timeout: 30_000 },
    async () => {
      const program = `
        import { connect } from "node:net";
        import { tcpListener } from ${JSON.stringify(new URL("../../dist/net/tcp-listener.js", import.meta.url).href)};
        const accepted = [];
        const listener = tcpListener((socket) => { accepted.push(socket); socket.on("error", () => {}); socket.resume(); }, (error) => console.log("error", error.code));
        const { port } = await listener.listen({ host: "127.0.0.1", port: 0 });
        console.log("port", port);
        process.on("SIGUSR2", () => { for (const socket of accepted.splice(0)) socket.destroy(); });
        setInterval(() => console.log("cpu", process.cpuUsage().user), 500);
      `;
      const child = spawn(
        "bash",
        ["-c", 'ulimit -n 40; exec "$0" --input-type=module -e "$1"', process.execPath, program],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      closers.push(() => child.kill("SIGKILL"));
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
      });
      await vi.waitUntil(() => /port \d+/.test(output), { timeout: 10_000 });
      const port = Number(/port (\d+)/.exec(output)?.[1]);
      const sockets = Array.from({ length: 80 }, () => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => undefined);
        return socket;
      });
      await vi.waitUntil(() => sockets.some(({ destroyed }) => destroyed), { timeout: 5_000 });
      const cpuBefore = (output.match(/cpu/g) ?? []).length;
      await vi.waitUntil(() => (output.match(/cpu/g) ?? []).length >= cpuBefore + 3, {
        timeout: 5_000,
      });
      const cpu = [...output.matchAll(/cpu (\d+)/g)].map(([, us]) => Number(us));
      const lastSecond = (cpu.at(-1) ?? 0) - (cpu.at(-3) ?? 0);
      expect(lastSecond).toBeLessThan(500_000);
      expect(child.exitCode).toBe(null);
      child.kill("SIGUSR2");
      for (const socket of sockets) socket.destroy();
      await vi.waitUntil(
        async () => {
          const again = connect(port, "127.0.0.1");
          again.on("error", () => undefined);
          await new Promise((resolve) => setTimeout(resolve, 100));
          const isOpen = again.readyState === "open";
          again.destroy();
          return isOpen;
        },
        { timeout: 10_000, interval: 50 },
      );
    },
  );
});
