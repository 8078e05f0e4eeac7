import type { Feature, Plan } from "./profiles.js";

/**
 * Looks for a smaller plan that fails, too: less time, fewer clients, fewer features and faults. Each
 * step that still fails is kept.
 */
export function shrink(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  let best = plan;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of candidates(best)) {
      if (!fails(candidate)) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

function* candidates(plan: Plan): Iterable<Plan> {
  if (plan.busyMs > 500) yield { ...plan, busyMs: Math.floor(plan.busyMs / 2) };
  if (plan.busyMs > 500) yield { ...plan, busyMs: Math.floor(plan.busyMs * 0.8) };
  if (plan.clients > 1) yield { ...plan, clients: plan.clients - 1 };
  for (const [name, isOn] of Object.entries(plan.features) as [Feature, boolean][]) {
    if (isOn) yield { ...plan, features: { ...plan.features, [name]: false } };
  }
  for (const fault of FAULTS) if (plan[fault] > 0) yield { ...plan, [fault]: 0 };
  for (const limit of Object.keys(plan.limits)) {
    const { [limit as never]: _, ...limits } = plan.limits;
    yield { ...plan, limits };
  }
}

const FAULTS = [
  ...(["cutEveryMs", "takeOverEveryMs", "stallEveryMs", "crashEveryMs"] as const),
  ...(["failOneIn", "hookMs", "commitMs", "latencyMs"] as const),
];
