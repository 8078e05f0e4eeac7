import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const BUILD_MS = 300_000; // ten seconds of a machine with nothing else to do
const out = mkdtempSync(join(tmpdir(), "beeline-site-"));
afterAll(() => rmSync(out, { recursive: true }));

describe("the site of npm run docs", () => {
  let files: string[] = [];
  beforeAll(async () => {
    const typedoc = join(root, "node_modules/typedoc/bin/typedoc");
    await promisify(execFile)(process.execPath, [typedoc, "--out", out], { cwd: root });
    files = (readdirSync(out, { recursive: true }) as string[]).filter((name) =>
      name.endsWith(".html"),
    );
  }, BUILD_MS);

  it("has each guide under its heading, and the types of the library", () => {
    const guides = (readdirSync(join(root, "docs"), { recursive: true }) as string[]).filter(
      (name) => name.endsWith(".md") && name !== "README.md",
    );
    const documents = files.filter((name) => name.startsWith("documents"));
    expect(documents.length).toBe(guides.length);
    expect(files).toContain(join("interfaces", "index.MqttBroker.html"));
  });

  it("has no dead link", () => {
    const dead = files.flatMap((name) =>
      linksOf(join(out, name))
        .filter((link) => !leadsSomewhere(link, name))
        .map((link) => `${name}: ${link}`),
    );
    expect(dead).toEqual([]);
  });
});

/** Those that stay on the site. */
function linksOf(file: string): string[] {
  const links = [...html(file).matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, to]) => to as string);
  return links.filter((link) => !/^(https?:|data:|mailto:)/.test(link));
}

function leadsSomewhere(link: string, from: string): boolean {
  const [path = "", anchor = ""] = link.split("#").map(decodeURIComponent);
  const file = path === "" ? join(out, from) : join(out, dirname(from), path);
  if (!existsSync(file)) return false;
  return anchor === "" || !file.endsWith(".html") || anchorsOf(file).has(anchor);
}

const anchors = new Map<string, Set<string>>();

function anchorsOf(file: string): Set<string> {
  const known = anchors.get(file);
  if (known !== undefined) return known;
  const found = new Set(
    [...html(file).matchAll(/\b(?:id|name)="([^"]*)"/g)].map(([, id]) => id as string),
  );
  anchors.set(file, found);
  return found;
}

function html(file: string): string {
  return readFileSync(file, "utf8");
}
