import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { systemError } from "../../../src/net/native/system-error.js";

describe("systemError", () => {
  it("is the error that Node gives", async () => {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as { port: number }; // it listens on TCP
    const second = createServer().listen(port, "127.0.0.1");
    const [theirs] = (await once(second, "error")) as [Error]; // what this event brings
    first.close();
    const ours = systemError("listen", 98, { address: "127.0.0.1", port });
    expect({ ...ours, message: ours.message }).toEqual({ ...theirs, message: theirs.message });
  });

  it("names a number that nobody knows", () => {
    expect(systemError("send", 9_999)).toMatchObject({
      message: "send errno 9999: unknown error",
      code: "errno 9999",
    });
  });

  it("names a place without a port", () => {
    expect(systemError("listen", 13, { address: "/run/x" }).message).toBe(
      "listen EACCES: permission denied /run/x",
    );
  });
});
