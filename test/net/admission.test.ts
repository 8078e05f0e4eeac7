import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { AddressBook } from "../../src/net/address-book.js";
import { Admission } from "../../src/net/admission.js";

const socketOf = (): Socket => new EventEmitter() as Socket; // all that is asked of it
const WIDE = { connectionsPerAddressMax: 1_000, connectsPerSecondMax: 1_000 };

it("[I01] counts by listener and by all together, and forgets what has closed", () => {
  const shared = new AddressBook({ ...WIDE, connectionsPerAddressMax: 2 });
  const wide = new Admission(shared, {});
  const narrow = new Admission(shared, { connectionsPerAddressMax: 1 });
  const first = socketOf();
  expect(narrow.admit(first, "203.0.113.9")).toBeUndefined();
  expect(narrow.admit(socketOf(), "203.0.113.9")).toBe("address-full");
  expect(wide.admit(socketOf(), "203.0.113.9")).toBeUndefined();
  expect(wide.admit(socketOf(), "203.0.113.9")).toBe("address-full");
  first.emit("close");
  expect(narrow.admit(socketOf(), "203.0.113.9")).toBeUndefined();
  expect(narrow.admit(socketOf(), "203.0.113.8")).toBeUndefined();
});

it("leaves nothing behind of whom the second book refuses", () => {
  const shared = new AddressBook({ ...WIDE, connectionsPerAddressMax: 1 });
  const admission = new Admission(shared, { connectionsPerAddressMax: 2 });
  const first = socketOf();
  expect(admission.admit(first, "a")).toBeUndefined();
  for (let at = 0; at < 5; at += 1) expect(admission.admit(socketOf(), "a")).toBe("address-full");
  first.emit("close");
  expect(admission.admit(socketOf(), "a")).toBeUndefined();
});

it("is generous to this machine: only the listener's own bound for all counts there", () => {
  const shared = new AddressBook({ connectionsPerAddressMax: 1, connectsPerSecondMax: 1 });
  const admission = new Admission(shared, { connectionsPerAddressMax: 1, connectionsMax: 50 });
  const sockets = Array.from({ length: 50 }, socketOf);
  for (const socket of sockets) expect(admission.admit(socket, "127.0.0.1")).toBeUndefined();
  expect(admission.admit(socketOf(), "unix")).toBe("listener-full");
  sockets[0]?.emit("close");
  expect(admission.admit(socketOf(), "::1")).toBeUndefined();
});
