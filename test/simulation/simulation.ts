import { Random } from "../codec-fuzz/random.js";
import { Caretaker } from "./caretaker.js";
import { SimClient } from "./client.js";
import { Guest } from "./guest.js";
import { Ledger } from "./ledger.js";
import { judge } from "./oracle.js";
import { Owner } from "./owner.js";
import { type Plan, type Profile, planOf } from "./profiles.js";
import { Rogue } from "./rogue.js";
import { Scheduler } from "./scheduler.js";
import { SimServer } from "./server.js";

/** Faults have stopped, and everything must have come to rest by then. Rule 9. */
const REST_MS = 120_000;
/** Longer than a Keep Alive, a stalled reader and every wait for another try. */
const QUIET_MS = 20_000;

/** What became of one run. */
export interface Outcome {
  readonly problems: readonly string[];
  readonly hash: number;
  readonly virtualMs: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly faults: number;
  readonly trace: readonly string[];
}

/** Runs one seed to its end and judges it. The same seed and plan give the same run. */
export function simulate(
  seed: number,
  profile: Profile,
  changes: Partial<Plan> = {},
  isTracing = false,
): Outcome {
  const plan: Plan = { ...planOf(seed, profile), ...changes };
  const scheduler = new Scheduler();
  const dice = new Random(seed);
  const ledger = new Ledger(scheduler, isTracing);
  const isGroup = plan.options.clientIds === "group";
  const names = Array.from({ length: plan.clients }, (_, at) =>
    isGroup ? `GID_c@@@${at}` : `c${at}`,
  );
  const server = new SimServer(scheduler, dice, plan, ledger, names);
  const clients = names.map((name, at) => {
    const isDurable = !plan.features.cleanSessions || at % 3 !== 2;
    return new SimClient({ scheduler, dice, plan, ledger, server }, name, isDurable, names);
  });
  const endMs = scheduler.nowMs + plan.busyMs;
  let faults = 0;
  /** Again and again, at random moments, until the busy time is over. */
  const often = (everyMs: number, what: () => void): void => {
    if (everyMs === 0) return;
    const again = (): void => {
      if (scheduler.nowMs >= endMs) return;
      what();
      scheduler.after(1 + dice.below(everyMs * 2), again);
    };
    scheduler.after(1 + dice.below(everyMs * 2), again);
  };
  const fault = (what: (client: SimClient) => void) => (): void => {
    faults += 1;
    what(dice.pick(clients));
  };
  for (const client of clients) {
    scheduler.after(dice.below(300), () => client.connect());
    scheduler.after(400 + dice.below(300), () => client.subscribe());
    often(plan.pauseMs, () => client.act());
  }
  often(
    plan.cutEveryMs,
    fault((client) => client.cut(plan.features.halfOpen && dice.oneIn(2))),
  );
  often(
    plan.takeOverEveryMs,
    fault((client) => client.connect()),
  );
  often(
    plan.stallEveryMs,
    fault((client) => client.stall(200 + dice.below(8_000))),
  );
  /** The same for what happens to the server. */
  const harm = (everyMs: number, what: () => void): void => {
    often(everyMs, () => {
      faults += 1;
      what();
    });
  };
  harm(plan.crashEveryMs, () => server.crash());
  harm(plan.restartEveryMs, () => server.restart());
  harm(plan.fullEveryMs, () => server.fillDisk());
  harm(plan.tightEveryMs, () => server.tightenMemory());
  harm(plan.kickEveryMs, () => server.kick(dice.pick(names)));
  harm(plan.rulesEveryMs, () => server.changeRules());
  const world = { scheduler, dice, plan, ledger, server };
  for (const [everyMs, act] of others(world, names)) often(everyMs, act);
  scheduler.runUntil(endMs);
  ledger.note("faults have stopped");
  server.mend();
  for (const client of clients) client.isHurried = true;
  rest(scheduler, ledger, clients, endMs + REST_MS);
  nothingIsLeft(server, ledger, plan);
  judge(ledger, plan);
  return {
    problems: ledger.problems,
    hash: ledger.hash,
    virtualMs: scheduler.nowMs - 1_000,
    messages: ledger.sent.size,
    deliveries: ledger.received.length,
    faults,
    trace: ledger.trace,
  };
}

type World = ConstructorParameters<typeof Owner>[0];

/** Who is there besides the clients, and how often each does something. */
function* others(world: World, names: readonly string[]): Iterable<[number, () => void]> {
  const { scheduler, dice, plan, server } = world;
  const { owner, rogue, guest, careless } = plan.features;
  if (owner) {
    const one = new Owner(world, names);
    yield [plan.pauseMs, () => one.act()];
  }
  if (rogue) {
    const one = new Rogue(scheduler, dice, plan, server);
    yield [1_000, () => one.act()];
  }
  if (guest) {
    const one = new Guest(scheduler, dice, plan, server);
    yield [1_000, () => one.act()];
  }
  if (careless) {
    const one = new Caretaker(world, names);
    yield [500, () => one.act()];
  }
}

/** What the server itself says when everybody is at rest. */
function nothingIsLeft(server: SimServer, ledger: Ledger, plan: Plan): void {
  // Rule 11: everybody is there and has got everything, so nothing may count as kept any more, but
  // for clients that nobody has seen, where the sender's Session decides. [P8]
  const { pointToPointKept } = server.broker.stats;
  const { offline = "receiver" } = plan.options.pointToPoint ?? {};
  const { rogue, guest, storesForUnknown, receipts } = plan.features;
  // A rogue that asks for receipts and stays away has them wait, too.
  const hasStrangers = rogue || guest;
  const keepsForNobody =
    offline === "sender" || offline === "both" || storesForUnknown || (hasStrangers && receipts);
  if (pointToPointKept !== 0 && !keepsForNobody)
    ledger.problem(`[11] ${pointToPointKept} count as kept, and none is`);
  // Rule 9: nothing waits any more, but for rogues that never come back. A look is a round behind.
  server.broker.stats.queues;
  const { inFlight, queued } = server.broker.stats.queues;
  if (!hasStrangers && inFlight + queued > 0) {
    ledger.problem(`[9] ${inFlight} are in flight and ${queued} wait, and everybody is at rest`);
  }
  // [T7] What is counted as memory of messages is given back with the last of them.
  const { waitingBytes } = server.broker.stats;
  if (inFlight + queued + server.broker.gauges.inboxes === 0 && waitingBytes !== 0) {
    ledger.problem(`[11] ${waitingBytes} bytes count as waiting, and nothing waits`);
  }
  // A tick ends those that are too many.
  const { offlineSessions } = server.broker.gauges;
  const { offlineSessionsMax = Number.POSITIVE_INFINITY } = plan.limits;
  if (offlineSessions > offlineSessionsMax) {
    ledger.problem(`[11] offlineSessionsMax is ${offlineSessionsMax}, got ${offlineSessions}`);
  }
}

/** Until everybody has been quiet for a while. Rule 9: by the end everybody is. */
function rest(
  scheduler: Scheduler,
  ledger: Ledger,
  clients: readonly SimClient[],
  endMs: number,
): void {
  let quietSinceMs = scheduler.nowMs;
  let received = 0;
  while (scheduler.nowMs < endMs && scheduler.nowMs - quietSinceMs < QUIET_MS) {
    scheduler.runUntil(scheduler.nowMs + 1_000);
    const isQuiet = clients.every((client) => client.isQuiet);
    if (!isQuiet || ledger.received.length !== received) quietSinceMs = scheduler.nowMs;
    received = ledger.received.length;
  }
  for (const client of clients) {
    if (!client.isQuiet) ledger.problem(`[9] ${client.clientId} never came to rest`);
  }
}
