import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Neither starts nor builds anything. */
const NEEDLESS = /^(test|bench|spec-notes|docs\/media)\//;

/**
 * A clone of this repository as it is now, ready to run, but for its tests and measurements. What has been
 * installed and built here comes along, so that `npm start` there only finds that it need not.
 */
export function cloneTo(folder: string): void {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout, stderr } = spawnSync("git", list, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ls-files: ${stderr}`);
  const built = readdirSync(join(root, "packages")).flatMap((name) => [
    `packages/${name}/dist`,
    `packages/${name}/index.cjs`,
  ]);
  for (const file of stdout.split("\0")) {
    if (file === "" || NEEDLESS.test(file) || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  for (const path of ["dist", ...built].filter((name) => existsSync(join(root, name)))) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules"))) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
}
