import { createServer, type Socket } from "node:net";
import { Listener } from "./listener.js";
import { ListeningServer } from "./listening-server.js";

/** A Listener for MQTT over TCP: the transport that every Client speaks. [MQTT-7.1.1-1] */
export function tcpListener(
  onSocket: (socket: Socket) => void,
  onError: (error: Error) => void,
): Listener {
  const makeServer = () => createServer({ allowHalfOpen: true, noDelay: true }, onSocket);
  return new Listener(() => new ListeningServer(makeServer, onError));
}
