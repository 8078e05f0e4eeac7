import type { Identity } from "../ports/policy.js";
import { UsageError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import type { Receipt } from "../session/delivery.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";
import { isAddressable } from "../topic/point-to-point.js";
import { isValidTopicName } from "../topic/topic-name.js";
import { refusalOf } from "./publishing.js";
import { type Dispatch, toClient } from "./router.js";

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
  /** Told once when the receiver has acknowledged it, or when it never will. [P12] */
  readonly receipt?: Receipt;
}

/** The message to one Client, checked, ready to be dispatched. @throws UsageError */
export function addressed(core: Core, clientId: string, message: DirectMessage): Publication {
  const { parent, payload, qos, topicName } = message;
  if (!isAddressable(clientId)) {
    const shown = JSON.stringify(clientId);
    throw new UsageError(`clientId is ${shown}; allowed: not empty, without / + # and NUL`);
  }
  const address = `${parent}/p2p/${clientId}`;
  checkTopicName(topicName ?? address);
  checkTopicName(address);
  const route = core.routes.of(address);
  if (route.kind !== RouteKind.CLIENT || route.receiverId !== clientId) {
    const shown = JSON.stringify(parent);
    throw new UsageError(`parent is ${shown}; allowed: a first level that addresses Clients here`);
  }
  const publication = new Publication(route);
  publication.from = message.from;
  publication.set(route, qos, false, payload, 0, payload.length);
  publication.show(topicName);
  publication.receipt = message.receipt;
  return publication;
}

/** Dispatches what {@link addressed} made. */
export function dispatch(core: Core, publication: Publication): Dispatch | "denied" {
  const refusal = publication.from === undefined ? undefined : refusalOf(core, publication);
  if (refusal === undefined) return toClient(core, publication);
  const { topicName, receiverId } = publication.route;
  core.drop(refusal, topicName, receiverId, publication.from);
  return "denied";
}

/** @throws UsageError for what is no Topic Name. */
export function checkTopicName(topicName: string): void {
  if (isValidTopicName(topicName)) return;
  const shown = JSON.stringify(topicName);
  throw new UsageError(
    `topicName is ${shown}; allowed: 1 to 65,535 bytes of UTF-8 without + # and NUL`,
  );
}

/** @throws UsageError for what is no QoS. */
export function checkQos(qos: number): void {
  if (qos === 0 || qos === 1 || qos === 2) return;
  throw new UsageError(`qos is ${String(qos)}; allowed: 0, 1 or 2`);
}
