/** The user that owns nothing, and its group. */
export const NOBODY = 65_534;

/** Whether there can be a second user: else what is to be shown is shown with one. */
export const IS_ROOT = process.geteuid?.() === 0;

/** Does something as a user who is not root, and so may not do everything. Synchronous only. */
export function asNobody<T>(act: () => T): T {
  if (!IS_ROOT) return act();
  const group = process.getegid?.() ?? 0;
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(group);
  }
}
