/** The user that owns nothing, and its group. */
export const NOBODY = 65_534;

/** Why a test that needs two users cannot run; `undefined` when it can. */
export const NEEDS_ROOT =
  process.geteuid?.() === 0 ? undefined : "needs root, to act as another user than the owner";

/** Does something as a user who is not root, and so may not do everything. Synchronous only. */
export function asNobody<T>(act: () => T): T {
  if (NEEDS_ROOT !== undefined) return act(); // is no root already
  process.seteuid?.(NOBODY);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
