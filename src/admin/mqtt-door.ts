import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AnswerRequest, Upgrade } from "./admin-listener.js";

/** What the app answers `GET` of this path decides: 204 lets a WebSocket in. */
export const MQTT_PATH = "/mqtt";
/** What of an upgrade the app looks at. */
const ASKED = ["host", "origin", "cookie", "authorization"] as const;

/**
 * MQTT over WebSocket for the console alone: an upgrade is asked about like any other request, and who
 * has not signed in is refused. Whoever is let in has to show MQTT credentials as everywhere else.
 */
export class MqttDoor {
  /** Listens nowhere: it is told of the upgrades that are let in. */
  readonly server: Server = createServer();
  readonly #answer: AnswerRequest;

  constructor(answer: AnswerRequest) {
    this.#answer = answer;
  }

  /** Takes an upgrade, or refuses it. */
  readonly take: Upgrade = (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    this.#statusOf(request).then(
      (status) => {
        if (status === 204) this.server.emit("upgrade", request, socket, head);
        else
          socket.end(
            `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
          );
      },
      () => socket.destroy(),
    );
  };

  async #statusOf(request: IncomingMessage): Promise<number> {
    const headers = new Headers();
    for (const name of ASKED) {
      const value = request.headers[name];
      if (value !== undefined) headers.set(name, value);
    }
    const path = request.url?.split("?")[0] ?? "";
    if (path !== MQTT_PATH) return 404;
    const asked = new Request(`http://localhost${MQTT_PATH}`, { headers });
    return (await this.#answer(asked, { incoming: request })).status;
  }
}
