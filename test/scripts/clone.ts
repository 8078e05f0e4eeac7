import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** How a command ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A small stand-in for a clone of this repository, in a folder of its own: the real scripts and
 * configurations, installed dependencies, and no sources or tests but those a test writes.
 */
export class Clone {
  folder = "";

  /** Not the constructor: a list of the tests makes the object, too, and runs no hook. */
  create(): void {
    this.folder = mkdtempSync(join(tmpdir(), "beeline-clone-"));
    const files = ["LICENSE", "scripts", "package.json", "package-lock.json", "vitest.config.ts"];
    for (const file of [...files, "tsconfig.json", "tsconfig.build.json"]) {
      cpSync(join(root, file), this.path(file), { recursive: true });
    }
    this.#linkModules();
    // What the build makes the drop-in of.
    this.write("src/compat/api.ts", "export const parser = 0;\n");
    this.write("src/compat/packet-types.ts", "export interface Parser {}\n");
    this.write("packages/mqtt-packet/README.md", "");
    // What the build makes the console of.
    this.write("src/console/main.tsx", "console.log(0);\n");
    this.write("src/console/style/style.css", "");
    this.write("src/console/index.html", "");
    this.write("src/cli/main.ts", "console.log(process.argv.slice(2).join(' '));\n");
  }

  /** One link for each entry: an install in here would empty a folder that is a link itself. */
  #linkModules(): void {
    mkdirSync(this.path("node_modules"));
    for (const name of readdirSync(join(root, "node_modules"))) {
      symlinkSync(join(root, "node_modules", name), this.path(`node_modules/${name}`));
    }
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
  }

  /** Runs one of the scripts to its end. */
  run(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Ending {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [this.path(`scripts/${script}`), ...args],
      { cwd: this.folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", ...env } },
    );
    return { code: status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
