import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { setPassword } from "../../src/auth/password-file.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "beeline-indented-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Indented {
  readonly page: string;
  readonly text: string;
}

/** Snippets without a fence: those of pages whose servers are on machines of other people. */
const snippets: readonly Indented[] = (
  readdirSync(join(root, "docs"), { recursive: true }) as string[]
)
  .filter((name) => name.endsWith(".md"))
  .flatMap((page) => {
    const text = readFileSync(join(root, "docs", page), "utf8").replaceAll(/^```.*?^```$/gms, "");
    return [...text.matchAll(/\n\n((?: {4}.*\n|\n(?= {4}))+)/g)].map(([, lines = ""]) => ({
      page,
      text: lines.replaceAll(/^ {4}/gm, ""),
    }));
  });

const beginning = (words: string): readonly Indented[] =>
  snippets.filter(({ text }) => text.startsWith(words));

/** Runs a program; @returns its exit code and what it said. */
async function ran(args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd,
      timeout: 50_000,
      encoding: "utf8",
    });
    return `0 ${stdout}`;
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return `${code} ${stdout}${stderr}`;
  }
}

describe("a snippet without a fence", () => {
  it.each(beginning("beeline start"))("would start a server: $page", async ({ text }) => {
    await setPassword(join(folder, "passwords"), "anna", "secret");
    const [, , ...flags] = text.replaceAll("\\\n", " ").trim().split(/\s+/);
    const said = await ran([join(root, "dist/cli/main.js"), "check", ...flags], folder);
    expect(said).toMatch(/^0 everything is in order/);
  });

  it("is a program that the compiler takes, where it would need NATS to run", async () => {
    mkdirSync(join(root, ".cache"), { recursive: true });
    const inside = mkdtempSync(join(root, ".cache/indented-")); // finds the package by its name
    const files = beginning("import").map(({ text }, at) => {
      const file = join(inside, `${at}.mts`);
      writeFileSync(file, text);
      return file;
    });
    const flags = [
      "--noEmit",
      "--ignoreConfig",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
    ];
    const types = ["--target", "es2023", "--types", "node"];
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const said = await ran([tsc, ...flags, ...types, ...files], root);
    rmSync(inside, { recursive: true });
    expect([files.length, said]).toEqual([2, "0 "]);
  });

  it("is tried here, or elsewhere, wherever it stands", () => {
    const others = snippets.filter(({ text }) => !/^(beeline start|import) /.test(text));
    expect(others.map(({ page, text }) => `${page}: ${text.trim().split("\n")[0]}`)).toEqual([
      // test/cluster-faults and scripts/cluster-demo.mjs
      "cluster.md: npm run cluster:demo",
      // test/nats/drain, with flags that test/library/readme knows to exist
      "cluster.md: beeline cluster drain --url http://10.0.0.2:18083 --token-file admin-token",
    ]);
    expect(beginning("beeline start")).toHaveLength(2);
  });
});
