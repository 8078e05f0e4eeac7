import { expect, it } from "vitest";
import {
  addressKey,
  hostOf,
  isLocalAddress,
  placeText,
  plainAddress,
} from "../../src/net/peer-address.js";

it.each([
  ["203.0.113.9", "203.0.113.9"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
])("counts %s as %s: of IPv6 one subscriber has the last 64 bits", (address, key) => {
  expect(addressKey(address)).toBe(key);
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["unix", true],
  ["", true],
  ["128.0.0.1", false],
  ["10.0.0.1", false],
  ["::2", false],
])("knows whether %j is of this machine: %j", (address, isLocal) => {
  expect(isLocalAddress(address)).toBe(isLocal);
});

it("writes addresses as people do", () => {
  expect(plainAddress("::FFFF:10.0.0.1")).toBe("10.0.0.1");
  expect(plainAddress("::1")).toBe("::1");
  expect(placeText("10.0.0.1", 5)).toBe("10.0.0.1:5");
  expect(placeText("::1", 5)).toBe("[::1]:5");
});

it.each([
  ["10.0.0.1:5", "10.0.0.1"],
  ["[::1]:5", "::1"],
  ["unix", "unix"],
  ["", ""],
])("finds the address in the place %j: %j", (place, address) => {
  expect(hostOf(place)).toBe(address);
});
