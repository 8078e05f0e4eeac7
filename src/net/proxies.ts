import { BlockList, isIPv6, type Socket } from "node:net";
import { lookAtFirstBytes } from "./first-bytes.js";
import type { Handshakes } from "./handshakes.js";
import { plainAddress, UNIX_PEER } from "./peer-address.js";
import { type ProxyHeader, readProxyHeader } from "./proxy-header.js";

/** Those who must tell by a PROXY header whom they speak for. */
export class Proxies {
  readonly #addresses = new BlockList();
  readonly #hasUnix: boolean;

  /** @param list - Addresses, networks like `10.0.0.0/8`, and {@link UNIX_PEER}. */
  constructor(list: readonly string[]) {
    this.#hasUnix = list.includes(UNIX_PEER);
    for (const entry of list) {
      if (entry === UNIX_PEER) continue;
      const [address = "", bits] = entry.split("/");
      const family = familyOf(address);
      if (bits === undefined) this.#addresses.addAddress(address, family);
      else this.#addresses.addSubnet(address, Number(bits), family);
    }
  }

  /** @param address - Of whoever has opened the connection. */
  has(address: string): boolean {
    if (address === UNIX_PEER) return this.#hasUnix;
    const plain = plainAddress(address);
    return plain !== "" && this.#addresses.check(plain, familyOf(plain));
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/** What comes of a connection of a proxy. */
export interface OnProxyHeader {
  /** The header is read, and the socket gives what follows it. */
  readonly take: (header: ProxyHeader) => void;
  /** It is none, or did not come in time. [K14] */
  readonly refuse: (
    why: string,
    reason: "proxy-header" | "handshake-timeout" | "too-many-handshakes",
  ) => void;
}

/** Reads the header of a proxy before anything else. The socket is destroyed when there is none. */
export function awaitProxyHeader(
  socket: Socket,
  handshakes: Handshakes,
  timeMs: number,
  { take, refuse }: OnProxyHeader,
): void {
  let isDone = false;
  const end = (): boolean => {
    const wasOpen = !isDone;
    isDone = true;
    handshakes.end(socket);
    return wasOpen;
  };
  handshakes.begin(socket, timeMs, (reason) => {
    if (end()) refuse("no whole PROXY header came from it in time", reason);
    socket.destroy();
  });
  lookAtFirstBytes(socket, (bytes) => {
    if (bytes === undefined) {
      end();
      socket.destroy();
      return undefined;
    }
    const result = readProxyHeader(bytes);
    if (result.kind === "unfinished") return undefined;
    if (!end()) return bytes;
    if (result.kind === "wrong") {
      refuse(result.why, "proxy-header");
      socket.destroy();
      return bytes;
    }
    // Whoever reads next is there first, and then gets what came behind.
    queueMicrotask(() => take(result));
    return bytes.subarray(result.byteCount);
  });
}
