import { networkInterfaces } from "node:os";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AF_INET, AF_INET6, AF_UNIX } from "../../../src/net/native/constants.js";
import { hostAndPort, socketAddress, unixAddress } from "../../../src/net/native/socket-address.js";

vi.mock("node:os", () => ({ networkInterfaces: vi.fn(() => ({})) }));

afterEach(() => {
  vi.mocked(networkInterfaces).mockReset().mockReturnValue({});
});

describe("socketAddress", () => {
  it("writes an IPv4 address as the kernel reads it", () => {
    const { family, bytes } = socketAddress("127.0.0.1", 1883);
    expect(family).toBe(AF_INET);
    expect([...bytes]).toEqual([2, 0, 0x07, 0x5b, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it.each([
    ["::", "::"],
    ["::1", "::1"],
    ["fe80::1:2", "fe80::1:2"],
    ["1::", "1::"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"],
    ["::ffff:192.0.2.7", "::ffff:192.0.2.7"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ])("reads %s back as %s", (host, shown) => {
    const { family, bytes } = socketAddress(host, 8883);
    expect(family).toBe(AF_INET6);
    expect(hostAndPort(bytes)).toEqual({ host: shown, port: 8883 });
  });

  it("keeps the number of a zone", () => {
    expect(socketAddress("fe80::1%3", 1).bytes[24]).toBe(3);
  });

  it("finds the number of a zone by its name", () => {
    const about = { netmask: "", mac: "", internal: false, cidr: null };
    vi.mocked(networkInterfaces).mockReturnValue({
      wlan0: [
        { ...about, family: "IPv4", address: "10.0.0.1" },
        { ...about, family: "IPv6", address: "2001:db8::1", scopeid: 0 },
        { ...about, family: "IPv6", address: "fe80::1", scopeid: 7 },
      ],
    });
    expect(socketAddress("fe80::1%wlan0", 1).bytes[24]).toBe(7);
    expect(() => socketAddress("fe80::1%eth9", 1)).toThrow("no network interface eth9");
  });

  it("reads back every address it writes", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), fc.nat(65_535), (four, six, port) => {
        expect(hostAndPort(socketAddress(four, port).bytes)).toEqual({ host: four, port });
        const { bytes } = socketAddress(six, port);
        const read = hostAndPort(bytes);
        expect(socketAddress(read?.host ?? "", port).bytes).toEqual(bytes);
      }),
    );
  });

  it("takes no name", () => {
    expect(() => socketAddress("localhost", 1)).toThrow("localhost is no numeric address");
  });
});

describe("unixAddress", () => {
  it("ends the path with a zero", () => {
    const { family, bytes } = unixAddress("/a");
    expect(family).toBe(AF_UNIX);
    expect([...bytes]).toEqual([1, 0, 0x2f, 0x61, 0]);
    expect(hostAndPort(bytes)).toBeUndefined();
  });

  it("says when a path is too long for the kernel", () => {
    expect(() => unixAddress("/".padEnd(108, "x"))).toThrow("longer than the 107 bytes");
  });
});
