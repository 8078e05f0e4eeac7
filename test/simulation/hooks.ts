import type { Identity, Pending, Policy, Verdict } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { idOf, type Ledger } from "./ledger.js";
import type { Plan } from "./profiles.js";

/** What an embedder's hooks are given of the simulated world. */
export interface HookWorld {
  readonly dice: Random;
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly names: readonly string[];
  /** Faults have stopped: nobody is refused any more. */
  isMended(): boolean;
  nowMs(): number;
  /** Tells the engine something later, in a turn of its own. */
  later(delayMs: number, tell: () => void): void;
}

/** The hooks of a run: they take their time, refuse, and fail to hand on. */
export function hooksOf(world: HookWorld): Policy {
  const { hookMs, features, refuseOneIn } = world.plan;
  const later = <T>(answer: T): Pending<T> | T => sometimesLater(world, answer);
  return {
    ...((hookMs > 0 || refuseOneIn > 0) && { authenticate: authenticateIn(world) }),
    ...((hookMs > 0 || features.denials) && {
      mayPublish: (_from, topicName) => later(!isForbidden(topicName)),
      maySubscribe: (_from, topicFilter) => later(!isForbidden(topicFilter)),
    }),
    ...(hookMs > 0 && {
      maySendToClient: () => later(true),
      onMessage: ({ topicName, payload }) => {
        if (isForbidden(topicName)) return "drop";
        return topicName.startsWith("r/") ? { payload: payload.slice() } : undefined;
      },
    }),
    ...(features.forward && { forward: forwardIn(world) }),
  };
}

function authenticateIn(world: HookWorld): Required<Policy>["authenticate"] {
  const { dice, plan } = world;
  const { hookMs, refuseOneIn } = plan;
  return (_attempt, answer) => {
    const isMended = world.isMended();
    const isRefused = !isMended && refuseOneIn > 0 && dice.oneIn(refuseOneIn);
    const isShort = !isMended && refuseOneIn > 0 && dice.oneIn(4);
    const expires = isShort && { expiresAtMs: world.nowMs() + dice.below(8_000) };
    const verdict: Verdict = isRefused ? dice.pick(REFUSALS) : { kind: "accepted", ...expires };
    world.later(dice.below(hookMs + 1), () => answer(verdict, world.nowMs()));
  };
}

function sometimesLater<T>(world: HookWorld, answer: T): Pending<T> | T {
  const { dice, plan } = world;
  if (plan.hookMs === 0 || dice.oneIn(2)) return answer;
  return {
    whenAnswered: (tell) => world.later(dice.below(plan.hookMs), () => tell(answer, world.nowMs())),
  };
}

function forwardIn(world: HookWorld): Required<Policy>["forward"] {
  const { dice, plan, ledger } = world;
  return ({ payload }, _from: Identity, owe) => {
    ledger.forwarded.add(idOf(payload));
    if (dice.oneIn(2)) return;
    const obligation = owe();
    const isFaulty = !world.isMended() && dice.oneIn(8);
    if (isFaulty && dice.oneIn(3)) return; // it never answers
    world.later(dice.below(plan.hookMs + 1), () =>
      isFaulty ? obligation.fail("not taken") : obligation.settle(),
    );
  };
}

/** Nobody may publish or subscribe to what begins with `d/`. */
function isForbidden(topic: string): boolean {
  return topic.startsWith("d/");
}

const REFUSALS: readonly Verdict[] = [
  { kind: "refused", returnCode: 3 },
  { kind: "refused", returnCode: 5 },
  { kind: "closed" },
];
