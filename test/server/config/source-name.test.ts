import { expect, it } from "vitest";
import type { Source } from "../../../src/server/config/effective.js";
import { nameOf, sourceOf } from "../../../src/server/config/source-name.js";
import { OPTIONS, type ServerOption } from "../../../src/server/option-table.js";

const port = OPTIONS.find(({ path }) => path === "port") as ServerOption;
const from = (source: Source) => new Map([[port, source]]);

it("an option is called as it was given, and by its flag where nobody knows", () => {
  expect(nameOf("port", from({ kind: "file", name: "b.yaml:1:2" }))).toBe("b.yaml:1:2: port");
  expect(nameOf("port", from({ kind: "variable", name: "BEELINE_PORT" }))).toBe("BEELINE_PORT");
  expect(nameOf("port", new Map())).toBe("--port");
  expect(nameOf("no.option", new Map())).toBe("no.option");
  expect(sourceOf("no.option", new Map())).toBeUndefined();
});
