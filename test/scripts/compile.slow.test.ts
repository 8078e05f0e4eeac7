import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone } from "./clone.js";

const PARTS = `
/** Used before it is declared. */
export const seven: number = six() + 1;
export function six(): number {
  return [...upTo(6)].length;
}
export class Parts {
  static readonly three = 3;
  static readonly count: number = Parts.three;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  async twice(): Promise<string> {
    return await later(this.#text + this.#text);
  }
}
function* upTo(count: number): Generator<number> {
  for (let index = 0; index < count; index++) yield index;
}
export async function later(text: string): Promise<string> {
  return text;
}
export function stack(): string {
  return String(new Error("here").stack);
}
export const [first, { second }] = ["1", { second: "2" }] as const;
export interface Nothing {
  readonly nothing: true;
}
`;

const MAIN = `
import { basename } from "node:path";
import { first, type Nothing, Parts as Pieces, second, seven, six, stack } from "./parts.js";
import * as parts from "./parts.js";
import "./parts.js";

const nothing: Nothing | undefined = undefined;
console.log(seven, six(), first, second, Object.keys(parts).join(), nothing, basename("a/b"));
console.log(await new Pieces("ab").twice(), Pieces.name, Pieces.count, six.name);
console.log(/at stack .*parts/.test(stack()));
import("./main.js").then((main) => console.log(Object.keys(main).join(), main.half()));
export { six as half } from "./parts.js";
const tail = "tail";
export { tail };
`;

describe("npm run build", { timeout: 120_000 }, () => {
  const clone = new Clone();
  beforeAll(() => clone.create());
  afterAll(() => clone.remove());

  it("makes constants of what modules declare, import and export, and programs that do the same", () => {
    clone.write("src/cli/parts.ts", PARTS);
    clone.write("src/cli/main.ts", MAIN);
    const { code, stdout, stderr } = clone.run("build.mjs");
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: "beeline: building (tsc) ...\n",
    });
    expect(
      clone.run("../dist/cli/main.js").stdout,
    ).toBe(`7 6 1 2 Parts,first,later,second,seven,six,stack undefined b
abab Parts 3 six
true
half,tail 6
`);
    const parts = readFileSync(clone.path("dist/cli/parts.js"), "utf8");
    expect(parts).toContain("const six = function () {");
    expect(parts).toContain("const Parts = class Parts {");
    expect(parts).not.toMatch(/^export (const|function|class)/m);
    expect(parts).not.toMatch(/^(async )?function/m);
    expect(readFileSync(clone.path("dist/cli/main.js"), "utf8")).toContain(
      "const Pieces = Pieces$i;",
    );
  });

  it("refuses a variable that is exported: importers would keep its first value", () => {
    clone.write("src/cli/parts.ts", "export let count = 0;\ncount += 1;\n");
    clone.write("src/cli/main.ts", 'import { count } from "./parts.js";\nconsole.log(count);\n');
    const { code, stderr } = clone.run("build.mjs");
    expect(code).toBe(1);
    expect(stderr).toContain("src/cli/parts.ts exports a variable");
  });
});
