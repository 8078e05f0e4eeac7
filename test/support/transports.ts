/**
 * What carries plain TCP, for tests that hold for each of them. `native` is asked for by name: where it
 * should work and does not, the tests fail instead of testing Node's sockets twice.
 */
export const TRANSPORTS =
  process.platform === "linux" ? (["net", "native"] as const) : (["net"] as const);
