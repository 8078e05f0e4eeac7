import type { Delivery } from "../../src/session/delivery.js";
import type { Backend, Operation } from "../../src/store/backend.js";
import { encodeDelivery } from "../../src/store/delivery-record.js";
import {
  deliveryKey,
  inboundKey,
  metaKey,
  ownerKey,
  retainedKey,
  subscriptionKey,
  Table,
} from "../../src/store/keys.js";
import {
  encodeInbox,
  encodeJson,
  encodeRetained,
  encodeSession,
  encodeSubscription,
  encodeWill,
} from "../../src/store/records.js";
import { seal } from "../../src/store/seal.js";
import { Times } from "../../src/store/times.js";
import { deliveryOf, messageOf } from "./deliveries.js";

/** In format 1 the checksum is over the record alone. */
const NO_KEY = Buffer.alloc(0);
/** The time of day then was the time of the store. */
const TIMES = new Times(1_700_000_000_000);

export const OLD_WORLD = { sessions: 30, deliveries: 300, retained: 10 } as const;

function put(key: Uint8Array, record: Buffer): Operation {
  return { kind: "put", key, value: seal(NO_KEY, record) };
}

/** A store as the first version wrote it, with something of every kind. */
export function format1Operations(sessions: number = OLD_WORLD.sessions): Operation[] {
  const operations = [
    put(metaKey("format"), encodeJson(1)),
    put(metaKey("next-key"), encodeJson(99_999)),
  ];
  for (let owner = 1; owner <= sessions; owner += 1) {
    const record = { key: owner, clientId: `c${owner}`, username: undefined, offlineSinceMs: 5 };
    operations.push(put(ownerKey(Table.SESSION, owner), encodeSession(record, TIMES)));
    operations.push(put(subscriptionKey(owner, "t/#"), encodeSubscription("t/#", 1)));
    operations.push({ kind: "put", key: inboundKey(owner, 7), value: Uint8Array.of(1) });
    for (let sequence = 1; sequence <= OLD_WORLD.deliveries / OLD_WORLD.sessions; sequence += 1) {
      const payload = sequence === 1 ? "L".repeat(5_000) : `${owner}.${sequence}`;
      operations.push(
        put(deliveryKey(owner, sequence), encodeOld(deliveryOf(sequence, { payload }))),
      );
    }
  }
  operations.push(put(ownerKey(Table.INBOX, 40_000), encodeInbox({ key: 40_000, clientId: "i" })));
  for (let n = 0; n < OLD_WORLD.retained; n += 1) {
    operations.push(put(retainedKey(`r/${n}`), encodeRetained(messageOf(`r/${n}`, "x"))));
  }
  const will = { topicName: "w", payload: new Uint8Array(3), qos: 1 as const, retain: false };
  const record = { key: 40_001, clientId: "c", username: undefined, senderIsDurable: false, will };
  operations.push(put(ownerKey(Table.WILL, 40_001), encodeWill(record)));
  return operations;
}

/** Every message stands in its delivery, whatever its size. */
function encodeOld(delivery: Delivery): Buffer {
  return encodeDelivery(delivery, TIMES);
}

/** What the first version reads of a store's format, as it does. */
export function formatAsFormat1ReadsIt(backend: Backend): unknown {
  const value = Buffer.from(backend.get(metaKey("format")) ?? []);
  const end = value.length - 4;
  const sealed = seal(NO_KEY, Buffer.from(value));
  if (!sealed.equals(value)) throw new Error("format is damaged");
  return JSON.parse(value.toString("utf8", 0, end));
}
