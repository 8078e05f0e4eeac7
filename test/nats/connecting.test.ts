import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { connect } from "../../src/nats/connecting.js";
import { ClusterError } from "../../src/nats/words.js";
import { freePorts } from "../support/free-ports.js";

const INFO = {
  ...{ server_id: "X", server_name: "x", version: "2.9.0", go: "1", host: "0.0.0.0", port: 1 },
  ...{ headers: true, max_payload: 1_048_576, proto: 1, client_id: 1, jetstream: true },
};

/** Something that speaks as much of NATS as it takes to connect. */
async function greeter(version: string) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write(`INFO ${JSON.stringify({ ...INFO, version })}\r\n`);
    socket.on("data", (text) => {
      if (String(text).includes("PING")) socket.write("PONG\r\n");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const to = (url: string, waitMs = 0) =>
  connect({ name: "test", servers: [url] }, performance.now() + waitMs);

describe("connect", () => {
  it("says where nothing answers", async () => {
    const [port] = await freePorts(1);
    await expect(to(`127.0.0.1:${port}`)).rejects.toThrow(
      `no NATS server answers at 127.0.0.1:${port} (connection refused): start nats-server there`,
    );
  });

  it("says that what answers is no NATS server", async () => {
    const other = createServer((socket) => socket.end("SSH-2.0-x\r\n")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(to(`127.0.0.1:${port}`)).rejects.toThrow(/is no NATS server: correct cluster/);
    other.close();
  });

  it("waits for a server that is about to start", async () => {
    const [port = 0] = await freePorts(1);
    const warnings: string[] = [];
    const connecting = connect(
      {
        name: "test",
        servers: [`127.0.0.1:${port}`],
        logger: { warn: (line) => void warnings.push(line) },
      },
      performance.now() + 30_000,
    );
    while (warnings.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.write(`INFO ${JSON.stringify(INFO)}\r\n`);
      socket.on("data", () => socket.write("PONG\r\n"));
    }).listen(port, "127.0.0.1");
    const nats = await connecting;
    expect(warnings).toEqual([expect.stringMatching(/connection refused.*; trying again$/)]);
    await nats.close();
    server.close();
  });

  it("refuses a NATS that is too old, and takes 2.9", async () => {
    const old = await greeter("2.8.4");
    await expect(to(old.url)).rejects.toThrow(
      `NATS at ${old.url} is version 2.8.4: a cluster needs 2.9 or later`,
    );
    await expect(to(old.url)).rejects.toBeInstanceOf(ClusterError);
    old.server.close();
    for (const version of ["2.9.0", "2.15.3", "3.0.0"]) {
      const { server, url } = await greeter(version);
      const nats = await to(url);
      await nats.close();
      server.close();
    }
  });
});
