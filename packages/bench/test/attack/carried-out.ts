import { type Attack, AttackRoom } from "../../src/attack/room.js";
import { type Fate, StubBroker } from "../stub-broker.js";

/** What is left of an attack on a stub. */
export interface CarriedOut {
  readonly stub: StubBroker;
  readonly notes: Readonly<Record<string, number>>;
  /** Retained messages, Sessions and connections while it went on. */
  readonly during: { readonly retained: number; readonly sessions: number };
}

/**
 * Prepares an attack against a stub, carries it out until `until` is true of the stub (or it has nothing
 * left to do), and takes it back.
 */
export async function carriedOut(
  attack: Attack,
  scale: number,
  until: (stub: StubBroker, room: AttackRoom) => boolean = () => false,
  fate?: (message: number) => Fate,
): Promise<CarriedOut> {
  const stub = await StubBroker.start(fate === undefined ? {} : { fate });
  const room = new AttackRoom({ host: "127.0.0.1", port: stub.port }, scale);
  await attack.prepare(room);
  const timer = setInterval(() => {
    if (until(stub, room)) room.end();
  }, 5);
  await attack.run(room);
  clearInterval(timer);
  room.end();
  const during = { retained: stub.retained.size, sessions: stub.sessions.size };
  room.dropAll();
  await attack.cleanUp?.(room);
  await stub.stop();
  return { stub, notes: Object.fromEntries(room.notes), during };
}
