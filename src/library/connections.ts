import type { Duplex } from "node:stream";
import { addressOf, type ConnectionDetails } from "../net/peer-details.js";
import { UsageError } from "../protocol/errors.js";
import {
  type Check,
  checkArgument,
  isObject,
  isString,
  type Shape,
  shown,
} from "../protocol/usage.js";

/** What a stream is asked to do. One of another copy of Node's streams may be no `Duplex` of ours. */
const METHODS = ["on", "write", "end", "cork", "uncork", "pause", "resume", "destroy"] as const;

const isRequest: Check = (value, path) => {
  isObject(value, path);
  isObject((value as { headers?: unknown }).headers, `${path}.headers`); // an object: checked above
};

const SHAPE: Shape<ConnectionDetails> = {
  remoteAddress: isString,
  request: isRequest,
  certificate: isObject,
};

/**
 * Checks what `handle` is given, before anything of it is touched.
 *
 * @throws UsageError naming the argument, what it is, and what is allowed.
 */
export function checkConnection(stream: Duplex, details: ConnectionDetails): void {
  const given: unknown = stream; // whatever a program without types passes
  const isStream =
    typeof given === "object" &&
    given !== null &&
    METHODS.every((name) => name in given && typeof given[name as never] === "function");
  if (!isStream) {
    throw new UsageError(
      `stream is ${shown(given)}; allowed: a Duplex, such as a net.Socket. ` +
        "For WebSockets write listen({ webSocket: { server } })",
    );
  }
  if (typeof stream.readableEncoding === "string") {
    throw new UsageError(
      "stream gives strings; allowed: a Duplex of bytes, so do not call setEncoding on it",
    );
  }
  checkArgument(details, SHAPE, "details");
}

/** The peer's address where somebody else than the stream knows it; else it is asked for late. */
export function addressGiven(stream: Duplex, details: ConnectionDetails): string | undefined {
  const isGiven = details.remoteAddress !== undefined || details.request !== undefined;
  return isGiven ? addressOf(stream, details) : undefined;
}
