import { once } from "node:events";
import { connect } from "node:net";
import { encode, PacketType } from "beeline-mqtt/codec";

const AT_ONCE = 100;
const DISCONNECT = encode({ type: PacketType.DISCONNECT }).slice();

/** Makes so many clients that are known and not connected: each connects once, and its session stays. */
export async function openSessions(port: number, count: number): Promise<void> {
  let number = 0;
  const one = async (): Promise<void> => {
    while (number < count) {
      number += 1;
      await openSession(port, `device-${String(number).padStart(7, "0")}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

async function openSession(port: number, clientId: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  const settings = { protocolName: "MQTT", protocolLevel: 4, keepAliveSeconds: 0 } as const;
  // A copy: the next one of many at once is encoded in the same place.
  socket.write(
    encode({ type: PacketType.CONNECT, clientId, cleanSession: false, ...settings }).slice(),
  );
  await once(socket, "data"); // CONNACK
  socket.end(DISCONNECT);
  await once(socket, "close");
}
