import { chmodSync, chownSync, lstatSync, readFileSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { UsageError } from "../protocol/errors.js";
import type { Listener } from "./listener.js";

/** A socket file, and who may use it. */
export interface SocketFile {
  readonly path: string;
  /** In octal. */
  readonly mode: string;
  /** `user`, `user:group` or `:group`, names or numbers; `undefined`: as the process is. */
  readonly owner: string | undefined;
}

/** Nobody may connect before the file has its mode. */
const CLOSED_UMASK = 0o777;

/**
 * Listens at a socket file. One that nobody listens at any more is replaced; anything else at this
 * name is left alone.
 *
 * @throws UsageError for an owner who does not exist; and what Node says when it cannot.
 */
export async function listenAtFile(listener: Listener, file: SocketFile): Promise<void> {
  const { path, mode, owner } = file;
  const ids = owner === undefined ? undefined : idsOf(owner);
  await removeStale(path);
  const umask = process.umask(CLOSED_UMASK);
  let listening: Promise<unknown>;
  try {
    listening = listener.listen({ host: "", port: 0, path }); // the file is made at once
  } finally {
    process.umask(umask);
  }
  await listening;
  try {
    if (ids !== undefined) chownSync(path, ids.user, ids.group);
    chmodSync(path, Number.parseInt(mode, 8));
  } catch (error) {
    listener.close();
    throw error;
  }
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSocket() !== true || (await isServed(path))) return; // else listening fails, and says so
  unlinkSync(path);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = new Socket();
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    // Not allowed, or too busy: somebody is there.
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
    probe.connect(path);
  });
}

/** Leaves one of both as it is. */
const UNCHANGED = -1;

function idsOf(owner: string): { readonly user: number; readonly group: number } {
  const [user = "", group = ""] = owner.split(":");
  return {
    user: user === "" ? UNCHANGED : idFrom(user, "/etc/passwd", "user"),
    group: group === "" ? UNCHANGED : idFrom(group, "/etc/group", "group"),
  };
}

/** The system's lists have lines like `name:x:1000:...`. */
function idFrom(name: string, file: string, what: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const lines = readFileSync(file, "utf8").split("\n");
  const found = lines.map((line) => line.split(":")).find(([known]) => known === name);
  if (found?.[2] !== undefined) return Number(found[2]);
  throw new UsageError(`there is no ${what} ${name} on this machine: name one that ${file} has`);
}
