import { expect, it } from "vitest";
import { isLoopback } from "../../src/server/loopback.js";

it.each(["127.0.0.1", "127.8.9.10", "::1", "localhost"])(
  "[H13] %s is this machine only",
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

it.each(["0.0.0.0", "::", "192.168.1.1", "127.evil.example", "localhost.example", "", "128.0.0.1"])(
  "[H13] %j may be reached by others",
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);
