import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { EAGAIN, OUT_OF_RESOURCES } from "../../../src/net/native/constants.js";

describe("constants", () => {
  it("are the error numbers of this system", () => {
    const { ENOMEM, ENFILE, EMFILE, ENOBUFS, EAGAIN: theirs } = constants.errno;
    expect(EAGAIN).toBe(theirs);
    expect(OUT_OF_RESOURCES).toEqual([ENOMEM, ENFILE, EMFILE, ENOBUFS]);
  });
});
