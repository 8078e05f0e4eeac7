import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ClusterProfile } from "./cluster/cluster-profiles.js";
import type { Profile } from "./profiles.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A fault put into the engine on purpose: the oracle must find it. */
export interface Mutant {
  readonly name: string;
  /** Of the compiled engine, under `src`. */
  readonly file: string;
  /** It stands there once. */
  readonly from: string;
  readonly to: string;
  readonly profile: Profile | ClusterProfile;
  /** A seed that has found it, where the first ones do not: see {@link hunt}. */
  readonly near: number;
}

export const MUTANTS: readonly Mutant[] = [
  mutant("PUBREL is never sent", "lossy", "handling/acknowledging.js", [
    "acknowledgeReceipt(core, connection, packetId);",
    "",
  ]),
  mutant("PUBCOMP is never sent", "calm", "handling/acknowledging.js", [
    "acknowledge(core, connection, PUBCOMP_BYTE, packetId, true);",
    "",
  ]),
  mutant(
    "acknowledges before it is on disk",
    "crashy",
    "sending/durability.js",
    [
      "return connection.held !== undefined || obligations.isOwedNow;",
      "return connection.held !== undefined;",
    ],
    56,
  ),
  mutant(
    "answers overtake answers that are held",
    "crashy",
    "sending/durability.js",
    [
      "return connection.held !== undefined || obligations.isOwedNow;",
      "return obligations.isOwedNow;",
    ],
    25,
  ),
  mutant("uses identifiers that are in use", "slow-readers", "session/in-flight.js", [
    "packetId = packetId === PACKET_ID_MAX ? 1 : packetId + 1;",
    "{ packetId = (packetId & 3) + 1; break; }",
  ]),
  mutant("repeats without DUP", "lossy", "sending/delivery.js", [
    "writeDelivery(connection, delivery, delivery.message, DUP_BIT);",
    "writeDelivery(connection, delivery, delivery.message, 0);",
  ]),
  mutant("a take-over leaves the old connection", "takeover-storm", "handling/connecting.js", [
    'closeConnection(core, previous, "taken-over");',
    "undefined;",
  ]),
  mutant("leaks the budget of point-to-point", "tiny-limits", "sending/resuming.js", [
    "core.budgets.pointToPoint.give();",
    "undefined;",
  ]),
  mutant("forgets a Will", "lossy", "handling/wills.js", [
    "sendInTurn(core, new WillTask(core, identity, session, will, willKey));",
    "",
  ]),
  mutant("publishes a Will after DISCONNECT", "calm", "handling/wills.js", [
    'reason === "disconnected" ||',
    "",
  ]),
  mutant("forgets the Wills of before a crash", "crashy", "handling/wills.js", [
    "sendInTurn(core, new WillTask(core, from, { clientId, cleanSession: !senderIsDurable }, will, key));",
    "",
  ]),
  mutant("keeps the first retained message for ever", "calm", "handling/retaining.js", [
    "core.retained.set(topicName, message);",
    "if (previous === undefined) core.retained.set(topicName, message);",
  ]),
  mutant(
    "passes a QoS 2 repeat on",
    "lossy",
    "handling/publishing.js",
    ["qos === 2 && session.inbound.awaitsPubrel(packetId);", "false;"],
    12,
  ),
  mutant(
    "QoS 2 identifiers are not on disk",
    "crashy",
    "handling/publishing.js",
    ["session.storeKey === 0 || isOwed)", "true)"],
    120,
  ),
  mutant("deliveries are not on disk", "crashy", "sending/durability.js", [
    "core.store.putDelivery(session.storeKey, delivery);",
    "undefined;",
  ]),
  mutant(
    "Session Present only with Subscriptions",
    "lossy",
    "handling/connecting.js",
    [
      "connecting.sessionPresent = resumed !== undefined;",
      "connecting.sessionPresent = resumed !== undefined && resumed.subscriptions.size > 0;",
    ],
    12,
  ),
  mutant("sends nothing again on resume", "lossy", "sending/resuming.js", [
    "if (unacknowledged.length > 0)",
    "if (false)",
  ]),
  mutant("ignores the in-flight window", "tiny-limits", "session/outbound.js", [
    "if (!expired && head.qos > 0 && this.#inFlight.size >= this.#windowSize)",
    "if (false)",
  ]),
  mutant("never sends what is queued", "tiny-limits", "sending/resuming.js", [
    "session.outbound.queuedCount > 0 && !isCongested(core, connection)",
    "false",
  ]),
  mutant("drops without a word", "tiny-limits", "sending/queueing.js", [
    "abandon(core, victim, reason, session.clientId);",
    "",
  ]),
  mutant(
    "CONNACK before the Session is on disk",
    "crashy",
    "handling/connecting.js",
    ["if (ticket <= core.store.committedTicket)", "if (true)"],
    139,
  ),
  mutant("delivers everything at QoS 0", "lossy", "sending/delivery.js", [
    "const qos = publication.qos < grantedQos ? publication.qos : grantedQos;",
    "const qos = 0;",
  ]),
  mutant("forgets the publisher's own copies", "calm", "handling/publishing.js", [
    "sendOwnCopies(core, session, connection, publication);",
    "undefined;",
  ]),
  mutant(
    "does not go on when a slow reader reads",
    "slow-readers",
    "broker/broker.js",
    ["if (!awaitsRoom(connection))", "if (true)"],
    28,
  ),
  mutant("a slice skips every other receiver", "budgets", "handling/fan-out.js", [
    "this.#at += 1;",
    "this.#at += 2;",
  ]),
  mutant(
    "a share's messages end with a member's Session",
    "shares",
    "handling/ending.js",
    ['handOver(core, shared, session, "session-ended");', ""],
    530,
  ),
  mutant("a raised limit does not reach the budgets", "refusals", "state/core.js", [
    "this.budgets.changeLimits(this.limits);",
    "",
  ]),
  mutant("passes on what is denied", "refusals", "handling/permissions.js", [
    'return may ? undefined : "denied";',
    "return undefined;",
  ]),
  mutant("does not read again who had spent its quota", "refusals", "handling/throttling.js", [
    "core.readAgain(connection, StopReason.RATE);",
    "",
  ]),
  mutant(
    "tells the owner before it is on disk",
    "crashy",
    "handling/own-messages.js",
    [
      "core.obligations.whenSettled(this.#tell, this.#fanOut?.hasRecorded);",
      "this.#tell(undefined);",
    ],
    290,
  ),
  mutant(
    "a full disk keeps Wills that are off",
    "full-disk",
    "handling/wills.js",
    ["core.store.discardWill(willKey);", "core.store.deleteWill(willKey);"],
    145,
  ),
  mutant("does not tell that a client is gone", "lossy", "handling/closing.js", [
    "onLeave?.(identity, connection, reason);",
    "undefined;",
  ]),
  mutant("tells twice that a client is there", "takeover-storm", "handling/connecting.js", [
    "core.events.onArrive?.(identity, connection);",
    "core.events.onArrive?.(identity, connection), core.events.onArrive?.(identity, connection);",
  ]),
  mutant("does not look again when rules change", "rules", "broker/broker.js", [
    "recheck(this.#core, clientId)",
    "undefined",
  ]),
  mutant("publishes what rules deny", "rules", "handling/permissions.js", [
    "!isGranted(from.rights, publication)",
    "false",
  ]),
  mutant(
    "says of a message that was dropped that it is there",
    "strange",
    "state/due-receipts.js",
    ['dropped: "dropped"', 'dropped: "delivered"'],
  ),
  mutant("takes nonsense for a message", "strange", "handling/own-messages.js", [
    "payload instanceof Uint8Array",
    "true",
  ]),
];

function mutant(
  name: string,
  profile: Profile,
  file: string,
  [from, to]: readonly [string, string],
  near = 1,
): Mutant {
  return { name, profile, file, from, to, near };
}

/** What became of a mutant. */
export interface Caught {
  /** The seed that found it; undefined: none of them. */
  readonly seed: number | undefined;
  readonly problem: string;
}

/**
 * Runs seeds, from 1 to the last one, over the compiled programs with the mutant in them.
 *
 * That one of them finds it is all that a check has to know, so the hunt begins near a seed that has found it
 * before; when the code has changed and it does not any more, all the others have their turn. With
 * `MUTANTS_FROM_SEED_1=1` it begins at the first one: how hard a mutant is to find, for `bench/results/simulation.md`.
 *
 * @param programs - Where {@link compilePrograms} has put them.
 */
export function hunt(programs: string, mutant: Mutant, last: number): Caught {
  const { file, from, to, profile } = mutant;
  const { MUTANTS_FROM_SEED_1: isFromFirst } = process.env;
  const near = isFromFirst === "1" ? 1 : mutant.near;
  const path = join(programs, "src", file);
  const sound = readFileSync(path, "utf8");
  const pieces = sound.split(from);
  if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times ${from}`);
  writeFileSync(path, pieces.join(to));
  try {
    const caught = firstOf(programs, profile, near, last);
    return caught.seed !== undefined || near === 1
      ? caught
      : firstOf(programs, profile, 1, near - 1);
  } finally {
    writeFileSync(path, sound);
  }
}

function firstOf(programs: string, profile: string, first: number, last: number): Caught {
  const main = join(programs, "test", "simulation", "main.js");
  const told = join(programs, "outcome.json");
  rmSync(told, { force: true });
  const seeds = ["--seeds", `${first}..${last}`, "--profile", profile];
  const args = [main, ...seeds, "--first", "--json", told];
  const { stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (!existsSync(told)) return { seed: undefined, problem: stderr }; // it ended before it was done
  const { failures } = JSON.parse(readFileSync(told, "utf8")) as {
    failures: readonly { seed: number; problem: string }[];
  };
  return { seed: failures[0]?.seed, problem: failures[0]?.problem ?? stderr };
}

/**
 * Compiles the programs into a folder of one's own.
 *
 * Types are looked at by `npm run code:types`: to look again takes longer than to write the files.
 */
export function compilePrograms(folder: string): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-p", "tsconfig.programs.json", "--outDir", folder];
  const more = ["--noCheck", "--incremental", "false", "--tsBuildInfoFile", "null"];
  const { status, stdout } = spawnSync(process.execPath, [...args, ...more], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stdout);
}
