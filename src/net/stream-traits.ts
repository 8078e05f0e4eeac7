import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * What a stream does with the bytes it is given, and what it can be asked: said once by whoever hands
 * it over, and not guessed by its link.
 */
export interface StreamTraits {
  /**
   * When nobody refers any more to bytes it was given, so that what they stood in may be used again:
   * as soon as nothing waits in it, whenever `write` returns, or never for certain: then it gets
   * bytes of its own.
   */
  readonly copies: "when-taken" | "at-once" | "never";
  /**
   * Whether `write` has nearly always finished when it returns. Else that is told a little later,
   * and says nothing about the peer.
   */
  readonly isPrompt: boolean;
  /** Whether it has the options of a socket: `setNoDelay` and `setKeepAlive`. */
  readonly isSocket: boolean;
}

/** A kernel's socket has copied what it took. */
export const TCP_SOCKET: StreamTraits = {
  copies: "when-taken",
  isPrompt: true,
  isSocket: true,
};

/** Encrypts, and finishes in the next phase of the event loop at the earliest. */
const TLS_SOCKET: StreamTraits = {
  copies: "never",
  isPrompt: false,
  isSocket: true,
};

/** May pass on the very bytes it is given, whenever it likes. */
const ANY_STREAM: StreamTraits = {
  copies: "never",
  isPrompt: false,
  isSocket: false,
};

/**
 * The traits of a stream that came from somewhere else. Only what is a `net.Socket` and nothing more
 * is taken for the kernel's: whoever extends one may keep bytes, as `tls` does.
 */
export function traitsOf(stream: Duplex): StreamTraits {
  if (Object.getPrototypeOf(stream) === Socket.prototype) return TCP_SOCKET;
  return isEncrypted(stream) ? TLS_SOCKET : ANY_STREAM;
}

/** Whether a socket speaks TLS: `net` has no such field. */
export function isEncrypted(socket: object): boolean {
  return "encrypted" in socket && socket.encrypted === true;
}
