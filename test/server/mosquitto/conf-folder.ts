import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder for the configurations of one test file. */
export function confFolder(): {
  readonly folder: string;
  /** Writes a file. @returns its name. */
  write(name: string, ...lines: readonly string[]): string;
} {
  const folder = mkdtempSync(join(tmpdir(), "beeline-import-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    write: (name, ...lines) => {
      const file = join(folder, name);
      writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
      return file;
    },
  };
}
