import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, it } from "vitest";
import { ListeningServer } from "../../src/net/listening-server.js";

it("listens at one address, whose real port it tells, until it is closed", async () => {
  const server = new ListeningServer(
    () => createServer((socket) => socket.end("here")),
    (error) => expect.fail(error.message),
  );
  const { host, port } = await server.listen({ host: "127.0.0.1", port: 0 });
  expect(host).toBe("127.0.0.1");
  const [answer] = (await once(connect(port, host), "data")) as [Buffer]; // what this event brings
  expect(answer.toString()).toBe("here");
  server.close();
  const [error] = (await once(connect(port, host), "error")) as [Error];
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});
