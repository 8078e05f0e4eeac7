import type { RefusalCode } from "../protocol/return-codes.js";

/** The broker refused the CONNECT. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly returnCode: RefusalCode;

  constructor(returnCode: RefusalCode) {
    super(`the broker refused the CONNECT with return code ${returnCode}`);
    this.returnCode = returnCode;
  }
}

/** The connection ended before what was asked for was done. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}
