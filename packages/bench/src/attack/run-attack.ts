import { sleepMs } from "../clock.js";
import { type Address, Attacker } from "./attacker.js";
import type { CanaryFigures } from "./canary.js";
import { type Attack, AttackRoom } from "./room.js";
import { residentBytes, terminate } from "./server-process.js";
import type { Waits, Watch } from "./watch.js";

/** How to attack. */
export interface AttackOptions {
  readonly address: Address;
  /** How long an attack goes on, at the most. */
  readonly seconds: number;
  /** Multiplies every number of connections, filters and messages. */
  readonly scale: number;
  /** The server's process; undefined: its memory is not looked at. */
  readonly pid: number | undefined;
  /** Whether to end the server with SIGTERM while it is attacked. Needs `pid`. */
  readonly sigterm: boolean;
  /** How long after an attack the server's memory is looked at. */
  readonly settleSeconds: number;
}

/** Resident memory of the server, in bytes. */
export interface Memory {
  /** Before anything of the attack was there. */
  readonly before: number;
  readonly peak: number;
  /** Some seconds after all of it was gone; undefined: the server was ended. */
  readonly after: number | undefined;
}

/** What an attack did to a server. */
export interface AttackOutcome {
  readonly name: string;
  readonly title: string;
  readonly canary: CanaryFigures;
  readonly memory: Memory | undefined;
  readonly waits: Waits | undefined;
  /** How long SIGTERM took; undefined: not tried, or not within {@link SIGTERM_WAIT_MS}. */
  readonly sigtermMs: number | undefined;
  /** What the attacker did, and what came of it. */
  readonly notes: Readonly<Record<string, number>>;
  /** What the server did not hold, in words; none: it held. */
  readonly failings: readonly string[];
}

/**
 * Carries out one attack: prepares, begins the watch, attacks, waits for the canary, takes back.
 *
 * @throws Error when the server takes no clients before the attack has begun.
 */
export async function runAttack(
  attack: Attack,
  options: AttackOptions,
  watch: Watch,
): Promise<AttackOutcome> {
  const { address, pid } = options;
  const room = new AttackRoom(address, options.scale);
  const before = residentBytes(pid);
  try {
    await watch.start(address, pid);
    await withinMs(attack.prepare(room), PREPARE_MS_MAX);
    await watch.begin();
    const running = attack.run(room);
    const atLeast = sleepMs(Math.min(options.seconds * 1000, WATCHED_MS_MIN));
    await withinMs(Promise.all([running, atLeast]), options.seconds * 1000);
    const ended = options.sigterm && pid !== undefined;
    if (!ended) room.end();
    const { canary, peakBytes, waits } = await watch.end(ended ? GRACE_UNDER_ATTACK_MS : GRACE_MS);
    const sigtermMs = ended ? await terminate(pid, SIGTERM_WAIT_MS) : undefined;
    room.end();
    room.dropAll();
    await withinMs(running, GRACE_MS);
    const after = ended ? undefined : await afterwards(attack, room, options);
    const memory =
      before === undefined ? undefined : { before, peak: Math.max(before, peakBytes ?? 0), after };
    const gone = !ended && !(await answers(address));
    const failings = [
      ...(gone ? ["the server takes no clients any more"] : []),
      ...failingsOf(attack, canary, ended),
      ...(ended && (sigtermMs ?? Number.POSITIVE_INFINITY) > SIGTERM_MS_MAX
        ? [`SIGTERM took ${sigtermMs === undefined ? "more than 10 s" : `${sigtermMs} ms`}`]
        : []),
    ];
    const { name, title } = attack;
    const notes = Object.fromEntries(room.notes);
    return { name, title, canary, memory, waits, sigtermMs, notes, failings };
  } finally {
    room.end();
    room.dropAll();
    await watch.close();
  }
}

/** Takes back what is left, gives the server time to notice. @returns its memory then. */
async function afterwards(
  attack: Attack,
  room: AttackRoom,
  { pid, settleSeconds }: AttackOptions,
): Promise<number | undefined> {
  if (attack.cleanUp !== undefined) await withinMs(attack.cleanUp(room), PREPARE_MS_MAX);
  if (pid !== undefined) await sleepMs(settleSeconds * 1000);
  return residentBytes(pid);
}

function failingsOf(attack: Attack, canary: CanaryFigures, ended: boolean): string[] {
  const failings: string[] = [];
  if (canary.cutOff !== undefined && !ended) failings.push(`the canary: ${canary.cutOff}`);
  if (canary.p99Ms > attack.p99MsMax) failings.push(`p99 over ${attack.p99MsMax} ms`);
  if (canary.lost > 0 && !ended) failings.push(`${canary.lost} messages of the canary lost`);
  return failings;
}

async function answers(address: Address): Promise<boolean> {
  const probe = await Attacker.connect(address, { clientId: `attack-probe-${process.pid}` });
  await probe?.leave();
  return probe !== undefined;
}

/** Waits for something, so long at the most. */
async function withinMs(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeUp]);
  clearTimeout(timer);
}

const PREPARE_MS_MAX = 60_000;
/** What an attack sets off may come after it: the canary is watched for so long at least. */
const WATCHED_MS_MIN = 3_000;
/** How long the canary is waited for when the attack is over, and while it goes on. */
const GRACE_MS = 30_000;
const GRACE_UNDER_ATTACK_MS = 5_000;
/** How long a server under attack may take to end. */
const SIGTERM_MS_MAX = 2_000;
const SIGTERM_WAIT_MS = 10_000;
