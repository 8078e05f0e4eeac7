import { createServer } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MqttDoor } from "../../src/admin/mqtt-door.js";

let letIn: string[];
let asked: Headers[];
let port: number;
let status: number;
let close: () => void;
beforeEach(async () => {
  [letIn, asked, status] = [[], [], 204];
  const door = new MqttDoor(async (request) => {
    asked.push(request.headers);
    if (status === 0) throw new Error("failed");
    return new Response(null, { status });
  });
  door.server.on("upgrade", (request, socket) => {
    letIn.push(request.url ?? "");
    socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  });
  const server = createServer().on("upgrade", door.take);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
  close = () => server.close();
});
afterEach(() => close());

function upgrade(path: string): Promise<string> {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://o\r\nCookie: c=1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.on("data", (bytes) => {
      answer += bytes.toString();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer.split("\r\n")[0] ?? ""));
  });
}

describe("the console's way to MQTT", () => {
  it("is open to whom the listener's rules let in, and asks them all", async () => {
    expect(await upgrade("/mqtt?x")).toBe("HTTP/1.1 101 Switching Protocols");
    expect(letIn).toEqual(["/mqtt?x"]);
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      ...{ host: "localhost", origin: "http://o", cookie: "c=1" },
    });
  });

  it("is closed to all others, and at other paths", async () => {
    status = 401;
    expect(await upgrade("/mqtt")).toBe("HTTP/1.1 401 Refused");
    expect(await upgrade("/other")).toBe("HTTP/1.1 404 Refused");
    status = 0;
    expect(await upgrade("/mqtt")).toBe("");
    expect(letIn).toEqual([]);
  });
});
