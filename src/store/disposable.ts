import type { StoreHome } from "../ports/store.js";

/**
 * A home that `await using` closes at the end of its block. A broker that was given it closes it,
 * too, so that closing again waits for the same end.
 */
export function disposable<H extends StoreHome>(home: H): H & AsyncDisposable {
  const closeOnce = home.close.bind(home);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeOnce();
    return closing;
  };
  return Object.assign(home, { close, [Symbol.asyncDispose]: close });
}
