import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import type { Attacker } from "./attacker.js";
import type { AttackRoom } from "./room.js";

/**
 * Subscribes to filters as long as they are told, a few a packet, until there are `count` of them or
 * the attack is over. Comes back when it is cut off, as an attacker would.
 *
 * @param bytesOf - How long filter n is.
 */
export async function subscribeLong(
  room: AttackRoom,
  clientId: string,
  count: number,
  bytesOf: (index: number) => number,
): Promise<void> {
  let client: Attacker | undefined;
  let cuts = 0;
  for (let from = 0; from < count && !room.over && cuts < CUTS_MAX; from += FILTERS_A_PACKET) {
    if (client?.open !== true) client = await room.connect({ clientId });
    const size = Math.min(FILTERS_A_PACKET, count - from);
    const filters = Array.from({ length: size }, (_, at) =>
      `${from + at}`.padEnd(bytesOf(from + at), "x"),
    );
    if (await client?.ask(encodeSubscribe(1, filters, 0), PacketType.SUBACK)) {
      room.note("filters sent", size);
    } else {
      cuts += 1;
      room.noteIfClosed(client);
    }
  }
}

const FILTERS_A_PACKET = 10;
/** It has understood by then. */
const CUTS_MAX = 100;
