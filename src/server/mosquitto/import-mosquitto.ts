import { Document } from "yaml";
import type { GivenOptions } from "../option-table.js";
import { type Conf, confFrom, type Note } from "./conf.js";
import { ConfError } from "./conf-file.js";
import { doorsOf } from "./doors.js";
import { limitNotes, limitsOf, logOf, storeOf } from "./limits.js";

/** A `mosquitto.conf` as a configuration of ours. */
export interface Imported {
  readonly given: GivenOptions;
  /** The same as a file, with remarks. */
  readonly yaml: string;
  /** What has no counterpart, or another one than might be thought, by file and line. */
  readonly notes: readonly Note[];
}

/**
 * Turns a `mosquitto.conf` of Mosquitto 2.0, with the files that it includes, into a configuration that behaves as
 * it did for clients of MQTT 3.1.1. What cannot be had is never more open than before: such a listener is left out.
 * Names of files are meant from the working folder, as Mosquitto has it.
 *
 * @throws ConfError for what Mosquitto would not start with, and where no listener is left.
 */
export function importMosquitto(file: string): Imported {
  const conf = confFrom(file);
  const doors = doorsOf(conf);
  const notes = [...conf.notes, ...doors.notes, ...limitNotes(conf)];
  if (doors.listeners.length === 0) {
    const why = notes.map(({ place, text }) => `\n${place}: ${text}`).join("");
    throw new ConfError(file, `no listener can be had, so that nothing was written:${why}`);
  }
  const interval = conf.settings.get("sys_interval");
  const log = logOf(conf);
  const given: GivenOptions = {
    listeners: doors.listeners,
    allowAnonymous: doors.allowAnonymous,
    ...(doors.passwordFile !== undefined && { passwordFile: doors.passwordFile }),
    ...(doors.credentials.length > 0 && { credentials: doors.credentials }),
    ...(doors.aclFile !== undefined && { permissions: { aclFile: doors.aclFile } }),
    ...(servesDenied(conf) && { deniedRetained: "serve" }),
    takeOverBy: "anyone",
    mqtt31LongIds: true,
    pointToPoint: { enabled: false },
    limits: limitsOf(conf),
    store: storeOf(conf),
    ...(interval !== undefined && { sysIntervalSeconds: Number(interval.value) }),
    ...(log !== undefined && { log }),
  };
  return { given, yaml: yamlOf(given, file), notes: inOrder(notes) };
}

/** Whether retained messages are served whatever their author may do by now. Mosquitto asks the rules again too. */
function servesDenied({ settings, listeners }: Conf): boolean {
  const all = [settings, ...listeners.map((listener) => listener.settings)];
  return all.some((one) => one.get("check_retain_source")?.value === false);
}

/** By file and line. */
function inOrder(notes: readonly Note[]): Note[] {
  const line = ({ place }: Note): number => Number(/:(\d+)$/.exec(place)?.[1] ?? 0);
  const file = ({ place }: Note): string => place.replace(/:\d+$/, "");
  return [...notes].sort((left, right) =>
    file(left) === file(right) ? line(left) - line(right) : 0,
  );
}

const REMARKS: Readonly<Record<string, string>> = {
  allowAnonymous: " Whether clients connect that bring neither user name nor password.",
  takeOverBy:
    " Mosquitto lets every user take the client identifier of another; same-user does not.",
  mqtt31LongIds: " As Mosquitto does.",
  pointToPoint:
    " Topics like a/p2p/b are ordinary ones to Mosquitto. With `enabled: true` a message to\n" +
    " {parent}/p2p/{client id} goes to that client alone.",
  limits: " What Mosquitto has no limit for keeps this server's own: docs/options.md has them.",
  store: " What Mosquitto has kept is not read.",
};

function yamlOf(given: GivenOptions, file: string): string {
  const document = new Document(given);
  document.commentBefore =
    ` From ${file}, by beeline import mosquitto. Check it with: beeline check -c THIS_FILE\n` +
    " Clients of MQTT 5 are not served, and nobody publishes to topics that begin with $.";
  for (const [key, remark] of Object.entries(REMARKS)) {
    const pair = document.contents;
    if (pair === null || !("items" in pair)) continue;
    for (const item of pair.items) {
      const { key: name } = item as { key: { value?: unknown; commentBefore?: string } };
      if (name.value === key) name.commentBefore = remark;
    }
  }
  return document.toString({ lineWidth: 0 });
}
