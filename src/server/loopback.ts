import { isIPv4 } from "node:net";

/**
 * Whether only this machine can reach an address: the broker serves anybody there without asking
 * who they are. [H13] A name other than `localhost` counts as public.
 */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
