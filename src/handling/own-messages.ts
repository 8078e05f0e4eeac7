import type { Identity } from "../ports/policy.js";
import type { DropReason } from "../ports/reasons.js";
import { UsageError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import { isObject, shown } from "../protocol/usage.js";
import type { Receipt } from "../session/delivery.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";
import type { Task } from "../state/task.js";
import { isAddressable } from "../topic/point-to-point.js";
import { discouragedCharacter, isValidTopicName } from "../topic/topic-name.js";
import type { FanOut } from "./fan-out.js";
import { passOn, wholeMessage } from "./passing-on.js";
import { refusalOf, withRights } from "./permissions.js";
import { type Dispatch, toClient } from "./router.js";
import { askWithoutConnection } from "./waiting.js";

/** A message from the broker's owner. */
export interface OwnMessage {
  readonly topicName: string;
  /** Kept by reference: it must not change any more. */
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** A message from the broker's owner to one Client. */
export interface DirectMessage {
  /** First level of the address `{parent}/p2p/{clientId}`. */
  readonly parent: string;
  /** Kept by reference: it must not change any more. */
  readonly payload: Uint8Array;
  readonly qos: QoS;
  /** Topic Name shown to the receiver instead of the address. [P6] */
  readonly topicName?: string;
  /** On whose behalf: its permissions count then. Default: the owner's own, who may do anything. */
  readonly from?: Identity;
  /**
   * Whether it is kept for a receiver that is offline, whoever that is; default: as
   * `pointToPoint.offline` says. At QoS 1 and 2. [P7] [P8]
   */
  readonly keepOffline?: boolean;
  /** Told once when the receiver has acknowledged it, or when it never will. [P12] */
  readonly receipt?: Receipt;
}

/**
 * Publishes for the broker's owner. Its messages keep their order, also when one has more receivers
 * than a turn may serve: then those behind it wait.
 *
 * @param tell - Called once: when everything this has caused is durable, or with why it may not be.
 */
export function publishOwn(
  core: Core,
  message: OwnMessage,
  tell: (failure: unknown) => void,
): void {
  const task = new OwnPublishing(core, message, tell);
  if (core.own.isEmpty && core.workLeft > 0 && task.proceed()) return;
  core.own.add(task);
  core.busy.add(core.own);
}

/** A message of the owner on its way. */
class OwnPublishing implements Task {
  readonly outlivesConnection = true;
  readonly #core: Core;
  readonly #message: OwnMessage;
  readonly #tell: (failure: unknown) => void;
  #isBegun = false;
  #fanOut: FanOut | undefined;

  constructor(core: Core, message: OwnMessage, tell: (failure: unknown) => void) {
    this.#core = core;
    this.#message = message;
    this.#tell = tell;
  }

  proceed(): boolean {
    const core = this.#core;
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#fanOut = passOn(core, wholeMessage(core, undefined, false, this.#message), undefined);
      if (this.#fanOut !== undefined) return false;
    } else if (this.#fanOut?.proceed() === false) {
      return false;
    }
    core.obligations.whenSettled(this.#tell, this.#fanOut?.hasRecorded);
    return true;
  }
}

/** The message to one Client, checked, ready to be dispatched. @throws UsageError */
export function addressed(core: Core, clientId: string, message: DirectMessage): Publication {
  isObject(message, "message");
  const { parent, payload, qos, topicName } = message;
  if (typeof clientId !== "string" || !isAddressable(clientId)) {
    const given = shown(clientId);
    throw new UsageError(`clientId is ${given}; allowed: not empty, without / + # and NUL`);
  }
  if (typeof parent !== "string") throw noParent(parent); // else it became "undefined/p2p/..."
  const address = `${parent}/p2p/${clientId}`;
  checkTopicName(core, topicName ?? address);
  checkTopicName(core, address);
  checkPayload(payload);
  const route = core.routes.of(address);
  if (route.kind !== RouteKind.CLIENT || route.receiverId !== clientId) {
    throw noParent(parent);
  }
  const publication = new Publication(route);
  publication.from = message.from && withRights(core, message.from);
  publication.set(route, qos, false, payload, 0, payload.length);
  publication.show(topicName);
  publication.receipt = message.receipt;
  publication.keepOffline = message.keepOffline;
  return publication;
}

function noParent(parent: unknown): UsageError {
  return new UsageError(
    `parent is ${shown(parent)}; allowed: a first level that addresses Clients here, ` +
      "like demo in demo/p2p/{clientId}",
  );
}

/** What became of a message to one Client, as far as it is known at first. */
export type DirectOutcome = Dispatch | "denied" | "store-failed";

/** Dispatches what {@link addressed} made, as soon as it is known whether that is allowed. */
export function dispatch(
  core: Core,
  publication: Publication,
  tell: (outcome: DirectOutcome) => void,
): void {
  const refusal = publication.from === undefined ? undefined : refusalOf(core, publication);
  if (typeof refusal !== "object") {
    dispatchNow(core, publication, refusal, tell);
    return;
  }
  askWithoutConnection(core, refusal, (may) => {
    dispatchNow(core, publication, may ? undefined : "denied", tell);
  });
}

function dispatchNow(
  core: Core,
  publication: Publication,
  refusal: DropReason | undefined,
  tell: (outcome: DirectOutcome) => void,
): void {
  if (refusal !== undefined) {
    const { topicName, receiverId } = publication.route;
    core.drop(refusal, topicName, receiverId, publication.from);
    tell("denied");
    return;
  }
  const outcome = toClient(core, publication);
  core.obligations.whenSettled((failure) => tell(failure === undefined ? outcome : "store-failed"));
}

/** @throws UsageError for what cannot be published. */
export function checkOwnMessage(core: Core, message: OwnMessage): void {
  isObject(message, "message");
  const { topicName, payload, qos, retain } = message;
  checkPayload(payload);
  // What was kept while it was allowed can be taken away.
  if (retain && payload.length === 0) checkIsTopicName(topicName);
  else checkTopicName(core, topicName);
  checkQos(qos);
}

/** @throws UsageError for a Topic Name that no Client could publish to, in these words, either. [M11] */
export function checkTopicName({ settings }: Core, topicName: string): void {
  checkIsTopicName(topicName);
  if (settings.controlCharacters === "accept") return;
  const character = discouragedCharacter(topicName);
  if (character === undefined) return;
  throw new UsageError(
    `topicName is ${shown(topicName)}, with ${character}; control characters and noncharacters are ` +
      'allowed only where controlCharacters is "accept": clients may close when they receive one',
  );
}

function checkIsTopicName(topicName: string): void {
  if (typeof topicName === "string" && isValidTopicName(topicName)) return;
  throw new UsageError(
    `topicName is ${shown(topicName)}; allowed: 1 to 65,535 bytes of UTF-8 without + # and NUL`,
  );
}

/** @throws UsageError for what is no payload. */
export function checkPayload(payload: Uint8Array): void {
  if (payload instanceof Uint8Array) return;
  throw new UsageError(`payload is ${shown(payload)}; allowed: a Uint8Array`);
}

/** @throws UsageError for what is no QoS. */
export function checkQos(qos: number): void {
  if (qos === 0 || qos === 1 || qos === 2) return;
  throw new UsageError(`qos is ${shown(qos)}; allowed: 0, 1 or 2`);
}
