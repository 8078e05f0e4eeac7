import type { ConnectAttempt, HookMessage, Identity, Verdict } from "../ports/policy.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import type { TokenAnswer, TokenRequest } from "./token-answer.js";
import type { TokenBroker } from "./token-broker.js";

/** One way to tell who a Client is, ready to be asked. */
export interface Credential {
  /** Who it is; `undefined`: not for this one to say. Rejecting or throwing: nobody can tell. */
  check(attempt: ConnectAttempt): Verdict | undefined | PromiseLike<Verdict | undefined>;
  /**
   * Takes as long as {@link check} does for somebody unknown, and nothing else: an earlier entry has
   * refused, and nobody shall see from the time which one it was. [M01]
   *
   * @returns `undefined`, or what somebody unknown would be told who cannot be checked now.
   */
  pretend?(attempt: ConnectAttempt): PromiseLike<Verdict | undefined>;
  /**
   * Reads anew what it was made from.
   *
   * @returns what makes it hold from now on, and cannot fail.
   * @throws {@link CredentialFileError}: nothing has changed then.
   */
  prepare?(): Promise<() => void>;
  /** What is told to Clients that are connected, and what they say to the server. */
  readonly tokens?: TokenService;
  /** Nobody is asked any more. */
  close?(): void;
}

/** Credentials that go on to matter while their Client is connected. */
export interface TokenService {
  /** From now on Clients may come. */
  serve(broker: TokenBroker): void;
  /** Whether a message to the server was meant for it. */
  onServerMessage(message: HookMessage, from: Identity): boolean;
  /** `undefined` for a path that is none of its own. */
  request(path: string, request: TokenRequest): Promise<TokenAnswer> | undefined;
}

/** With the user name that it has shown, if any. */
export const ACCEPTED: Verdict = Object.freeze({ kind: "accepted" });

/** The same whatever was wrong: a name that nobody has, a password, a time. [M01] */
export const REFUSED: Verdict = Object.freeze({
  kind: "refused",
  returnCode: ConnackReturnCode.BAD_USERNAME_OR_PASSWORD,
});

/** Nobody can tell now: it may try again later. */
export const CANNOT_TELL: Verdict = Object.freeze({
  kind: "refused",
  returnCode: ConnackReturnCode.SERVER_UNAVAILABLE,
});
