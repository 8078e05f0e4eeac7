import { type EventEmitter, once } from "node:events";
import { createServer } from "node:net";

/** Whether this machine has the addresses of IPv6. */
export async function hasIpv6(): Promise<boolean> {
  const server = createServer().listen(0, "::1");
  const has = await happens(server, "listening");
  server.close();
  return has;
}

/** Whether an event comes, and not an error. */
export async function happens(emitter: EventEmitter, event: string): Promise<boolean> {
  return once(emitter, event).then(
    () => true,
    () => false,
  );
}
