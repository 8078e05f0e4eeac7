import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { WrongUsage } from "./arguments.js";

/** An older state of this repository, in a folder of its own. */
export interface Checkout {
  readonly folder: string;
  /** The full commit. */
  readonly revision: string;
}

/**
 * Finds the commit, and has git lay it out beside the other caches unless it is there.
 *
 * @throws {@link WrongUsage} when git does not know the revision.
 */
export function checkoutOf(name: string): Checkout {
  const parsed = spawnSync("git", ["rev-parse", "--verify", `${name}^{commit}`], {
    encoding: "utf8",
  });
  const revision = parsed.stdout.trim();
  if (parsed.status !== 0) throw new WrongUsage(`git knows no revision ${name} here`);
  const folder = resolve(".cache", "against", revision.slice(0, 12));
  if (!existsSync(folder)) run("git", ["worktree", "add", "--detach", folder, revision], ".");
  return { folder, revision };
}

/** Installs and builds it: the package, and its codec benchmark. Costs nothing when that is done. */
export function prepared({ folder }: Checkout): void {
  if (!existsSync(join(folder, "node_modules"))) run("npm", ["ci"], folder);
  run(process.execPath, ["scripts/build.mjs"], folder);
  run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.bench.json"], folder);
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} in ${cwd} failed:\n${stderr}`);
}
