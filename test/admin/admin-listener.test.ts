import { connect } from "node:net";
import { expect, it } from "vitest";
import { AdminListener } from "../../src/admin/admin-listener.js";

it("answers requests, one process at a port, until it is closed", async () => {
  const listener = new AdminListener((request) => new Response(new URL(request.url).pathname));
  const url = await listener.listen({ host: "127.0.0.1", port: 0 });
  expect(await (await fetch(`${url}/a/b`)).text()).toBe("/a/b");
  const second = new AdminListener(() => new Response());
  const taken = second.listen({ host: "127.0.0.1", port: Number(new URL(url).port) });
  await expect(taken).rejects.toMatchObject({ code: "EADDRINUSE" });
  await listener.close();
  await expect(fetch(url)).rejects.toThrow();
});

it("ends what is under way when it is closed, a request without an end too", async () => {
  const listener = new AdminListener(() => new Response());
  const url = new URL(await listener.listen({ host: "127.0.0.1", port: 0 }));
  const socket = connect(Number(url.port), url.hostname);
  const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => socket.write("GET / HTTP/1.1\r\n", () => resolve()));
  await listener.close();
  await ended;
});

/** What comes back for bytes of a request that is not ended; resolves when the listener hangs up. */
function answerTo(url: string, request: string): Promise<string> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.on("data", (bytes) => {
      answer += bytes.toString();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
  });
}

it("waits for a slow body as long as a request may take, and no longer", async () => {
  const listener = new AdminListener(async (request) => new Response(await request.text()), 50);
  const url = await listener.listen({ host: "127.0.0.1", port: 0 });
  const request = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx";
  expect(await answerTo(url, request)).toMatch(/^HTTP\/1\.1 408 /);
  expect(await answerTo(url, "GET / HTTP/1.1\r\nHo")).toMatch(/^HTTP\/1\.1 408 /);
  await listener.close();
});

it("takes a URL that names a client as long as it can be", async () => {
  const listener = new AdminListener((request) => new Response(`${request.url.length}`));
  const url = await listener.listen({ host: "127.0.0.1", port: 0 });
  const cursor = encodeURIComponent("\u00e9".repeat(65_535 / 2)); // six characters for two bytes
  expect(await (await fetch(`${url}/?cursor=${cursor}`)).text()).toBe(
    `${url.length + "/?cursor=".length + cursor.length}`,
  );
  await listener.close();
});
