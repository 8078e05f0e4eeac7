import { createServer, type Server } from "node:net";

/**
 * A port that nobody listens on at the moment, nor on the one two below: RocketMQ's broker takes that, too.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = (await listening(0)) as Server; // the kernel always finds one
    const { port } = server.address() as { port: number };
    const below = await listening(port - 2);
    for (const one of [server, below]) {
      if (one !== undefined) await new Promise((resolve) => one.close(resolve));
    }
    if (below !== undefined) return port;
  }
}

function listening(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
