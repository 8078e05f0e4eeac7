import type { Pending, Policy, Verdict } from "../../src/engine.js";
import type { HookWorld } from "./hooks.js";

/**
 * The hooks of a run and more: rules that change, and for whoever is no client of the run answers of
 * every kind, also none, two, and the failure of a hook.
 */
export function withStrangeHooks(policy: Policy, world: HookWorld): Policy {
  const { plan, ledger, names, dice } = world;
  const { features, rulesEveryMs } = plan;
  return {
    ...policy,
    ...(rulesEveryMs > 0 && {
      rightsOf: ({ clientId }) =>
        names.includes(clientId) ? ledger.rules.rightsOf(clientId, names) : undefined,
    }),
    ...(policy.authenticate !== undefined &&
      features.users && { authenticate: authenticateWith(policy.authenticate, world) }),
    ...(policy.maySubscribe !== undefined &&
      features.guest && {
        maySubscribe: (from, topicFilter, requestedQos) =>
          names.includes(from.clientId)
            ? policy.maySubscribe?.(from, topicFilter, requestedQos)
            : strangeAnswer(world),
      }),
    ...(policy.mayPublish !== undefined &&
      features.guest && {
        mayPublish: (from, topicName, message) =>
          names.includes(from.clientId)
            ? policy.mayPublish?.(from, topicName, message)
            : strangeAnswer(world),
      }),
    ...(policy.maySendToClient !== undefined && {
      maySendToClient: (from, to, parent) =>
        names.includes(from.clientId) && to !== "nobody"
          ? policy.maySendToClient?.(from, to, parent)
          : strangeAnswer(world),
    }),
    ...(features.guest && { onServerMessage: () => dice.oneIn(2) }),
    ...(policy.onMessage !== undefined &&
      features.guest && {
        onMessage: (message, from) =>
          names.includes(from.clientId)
            ? policy.onMessage?.(message, from)
            : dice.pick<Change>(CHANGES),
      }),
    ...(policy.forward !== undefined &&
      features.careless && { forward: forwardTwice(policy.forward, world) }),
  };
}

type Change = ReturnType<NonNullable<Policy["onMessage"]>>;
/** What may become of a message that nobody of the run has sent. */
const CHANGES: readonly Change[] = [
  ...([undefined, "drop", { topicName: "zz/changed" }, { qos: 0 }, { retain: true }] as const),
  { topicName: "p/p2p/nobody/tok" },
  { topicName: "p/p2p/nobody" },
  { payload: new Uint8Array(3), qos: 2 },
];

/** It owes a second time, settles that twice, and too late. */
function forwardTwice(forward: Forward, world: HookWorld): Forward {
  const { dice } = world;
  return (message, from, owe) => {
    forward(message, from, owe);
    if (dice.oneIn(3)) return;
    const second = owe(dice.oneIn(2) ? () => undefined : undefined);
    const settle = (): void => second.settle();
    if (dice.oneIn(3)) settle();
    world.later(dice.below(300), settle);
    world.later(dice.below(300), settle);
  };
}

type Forward = Required<Policy>["forward"];

/** Yes, no, nobody can tell; at once, with a promise or without one, later, twice, too late, or never. */
function strangeAnswer(world: HookWorld): boolean | undefined | Pending<boolean | undefined> {
  const { dice } = world;
  const answer = dice.pick([true, true, true, false, undefined]);
  if (dice.oneIn(2)) return answer;
  return {
    whenAnswered: (tell) => {
      if (dice.oneIn(6)) return;
      const say = (): void => tell(answer, world.nowMs());
      if (dice.oneIn(4)) say();
      else world.later(dice.below(600), say);
      if (dice.oneIn(4)) world.later(dice.below(600), say);
    },
    ...(dice.oneIn(2) && { tooLate: () => undefined }),
  };
}

type Authenticate = Required<Policy>["authenticate"];

function authenticateWith(authenticate: Authenticate, world: HookWorld): Authenticate {
  const { dice, names, plan } = world;
  return (attempt, answer) => {
    if (!names.includes(attempt.clientId)) {
      const say = (): void => answer(strangeVerdict(world), world.nowMs());
      if (dice.oneIn(8)) return; // it never answers
      world.later(dice.below(600), say);
      if (dice.oneIn(4)) world.later(dice.below(600), say);
      return;
    }
    authenticate(attempt, (verdict, nowMs) => {
      const { inFlightMax = 0 } = plan.limits;
      const isRefused = verdict.kind !== "accepted";
      const more = {
        data: attempt.clientId,
        username: `user of ${attempt.clientId}`,
        ...(inFlightMax === 0 && dice.oneIn(2) && { inFlightMax: 1 + dice.below(20) }),
        ...(dice.oneIn(4) && { rules: {} }),
      };
      answer(isRefused ? verdict : { ...verdict, ...more }, nowMs);
    });
  };
}

function strangeVerdict({ dice, nowMs }: HookWorld): Verdict {
  return dice.pick<Verdict>([
    { kind: "accepted" },
    { kind: "accepted", username: "guest", inFlightMax: 3, rules: {} },
    { kind: "accepted", expiresAtMs: nowMs() - 1 },
    { kind: "accepted", expiresAtMs: nowMs() + 1_000 },
    { kind: "refused", returnCode: 2 },
    { kind: "refused", returnCode: 5, reason: "not-authorized" },
    { kind: "closed" },
  ]);
}
