import { describe, expect, it } from "vitest";
import { loadLibrary } from "../src/library.js";

describe("the library of a protocol", () => {
  it.each(["rocketmq-client-nodejs", "ali-ons"])("%s has what is used of it", async (name) => {
    expect(await loadLibrary(name)).toHaveProperty("Producer");
  });

  it("is what it exports, also where it has no default", async () => {
    expect(await loadLibrary(new URL("fake-adapter.ts", import.meta.url).href)).toHaveProperty(
      "FakeAdapter",
    );
  });

  it("is asked for by its name when it is missing", async () => {
    await expect(loadLibrary("beeline-missing")).rejects.toThrow(
      "the bridge to RocketMQ needs the package beeline-missing: install it beside this one, with npm install beeline-missing",
    );
  });

  it("fails as it does", async () => {
    await expect(loadLibrary("data:text/javascript,throw new Error('broken')")).rejects.toThrow(
      "broken",
    );
  });
});
