import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SO_KEEPALIVE, SOL_SOCKET } from "../../../src/net/native/constants.js";
import { type Libc, loadLibc } from "../../../src/net/native/libc.js";
import { setNumber } from "../../../src/net/native/socket-options.js";

let libc: Libc;
let fd = -1;
beforeEach(() => {
  libc = loadLibc();
  fd = libc.socket(2, 1, 0);
});
afterEach(() => {
  libc.close(fd);
});

describe("setNumber", () => {
  it.each([0, 1])("sets an option to %i", (number) => {
    setNumber(libc, fd, SOL_SOCKET, SO_KEEPALIVE, 1 - number);
    setNumber(libc, fd, SOL_SOCKET, SO_KEEPALIVE, number);
    const value = Int32Array.of(-1);
    expect(libc.getOption(fd, SOL_SOCKET, SO_KEEPALIVE, value, Uint32Array.of(4))).toBe(0);
    expect(value[0]).toBe(number);
  });
});
