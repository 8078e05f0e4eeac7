import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const script = (name: string) => import(String(new URL(`scripts/${name}`, root)));
const docs = (name: string) => readFileSync(fileURLToPath(new URL(`docs/${name}`, root)), "utf8");

describe("the page about conformance", async () => {
  const { conformancePage } = await script("conformance-page.mjs");

  it("is made from the tables as they are: node scripts/conformance-page.mjs", () => {
    expect(docs("conformance.md")).toBe(conformancePage());
  });

  it("shows each statement that one of the four breaks, and says who", () => {
    const rows = docs("conformance.md")
      .split("\n")
      .filter((line) => line.startsWith("| MQTT-"));
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) expect(row).toContain("**no**");
  });
});

describe("the page about the HTTP API", async () => {
  const { httpApiPage } = await script("http-api-page.mjs");
  const document = JSON.parse(docs("openapi.json"));

  it("has every request, with what it takes and answers", () => {
    const page = httpApiPage(document);
    expect(docs("http-api.md")).toBe(page);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods as object)) {
        expect(page).toContain(`| \`${method.toUpperCase()} ${path}\` | `);
      }
    }
    expect(page).toContain("takes `cursor`, `limit`, `state`, `q`");
    expect(page).toContain("body: [DirectMessage](#directmessage)");
  });

  it("is not made from a request without a place on it", () => {
    const strange = { paths: { "/x": { get: { tags: ["other"], responses: {} } } } };
    expect(() => httpApiPage(strange)).toThrow("no heading for the tag of /x");
  });
});

describe("the recording of a terminal", async () => {
  const { recordingSvg } = await script("recording-svg.mjs");
  const scene = { pane: "sender", atMs: 1_000, command: "say <this> & that" };

  it("is XML, and says in words what it shows", () => {
    const svg = recordingSvg([{ ...scene, prints: { lamp: ["heard"] } }]);
    expect(svg).toContain("a sender: $ say &lt;this> &amp; that\n");
    expect(svg).toContain("sees: heard</desc>");
  });

  it("stands still for who wants no motion, and has colours for dark pages", () => {
    const svg = docs("media/tour.svg");
    expect(svg).toContain("prefers-reduced-motion:reduce");
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg.length).toBeLessThan(16_384);
  });
});

describe("the first screen of a page", () => {
  const guides = (
    readdirSync(fileURLToPath(new URL("docs", root)), { recursive: true }) as string[]
  ).filter((name) => name.endsWith(".md"));

  it.each(guides)("of %s says what its reader gets", (name) => {
    const [title = "", empty, ...rest] = docs(name).split("\n");
    expect([title.startsWith("# "), empty]).toEqual([true, ""]);
    const first = rest.join(" ").split(/ {2}| ```| - \[/)[0] ?? "";
    expect(first.split(" ").length).toBeGreaterThan(12);
    expect(first).toMatch(/[.:]$/);
  });
});
