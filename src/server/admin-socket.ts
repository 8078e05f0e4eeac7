import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Reloaded } from "./config-reload.js";

/** The socket file in the data folder. Whoever may open it may administer the server. */
const FILE = "beeline.sock";
/** All that a system takes as the name of a socket, its end included. */
const PATH_BYTES_MAX = 107;
const RELOAD = "/api/v1/reload";
const ANSWER_BYTES_MAX = 1024 * 1024;

/** What can be asked of a server through its socket. */
export interface Admin {
  reload(): Promise<Reloaded>;
}

/** An open socket. */
export interface AdminSocket {
  close(): void;
}

/**
 * Answers HTTP on a socket file in the data folder, which is for the user of the server alone (mode
 * 0600): no credentials are asked. The folder belongs to this server, so a file that an earlier one
 * has left is in nobody's use.
 *
 * @throws what the system says when there can be none.
 */
export async function openAdminSocket(folder: string, admin: Admin): Promise<AdminSocket> {
  const path = socketPath(folder);
  rmSync(path, { force: true });
  const server = createServer({ requestTimeout: 10_000 }, (incoming, answer) => {
    void respond(incoming, answer, admin);
  });
  server.maxConnections = 16;
  const mask = process.umask(0o177); // the file is never there with another mode
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await once(server, "listening");
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Asks the server that uses a data folder to reload.
 *
 * @throws Error saying why it could not, in words for people.
 */
export async function askReload(folder: string): Promise<Reloaded> {
  const { status, body } = await post(socketPath(folder), RELOAD);
  if (status === 200) return JSON.parse(body) as Reloaded; // ours
  const { detail } = JSON.parse(body) as { detail?: string };
  throw new Error(detail ?? `the server has answered ${status}`);
}

function socketPath(folder: string): string {
  const path = join(folder, FILE);
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path;
  throw new Error(`${path} is longer than the name of a socket can be`);
}

async function respond(
  incoming: IncomingMessage,
  answer: ServerResponse,
  admin: Admin,
): Promise<void> {
  incoming.resume(); // there is nothing in it
  if (incoming.url !== RELOAD) return problem(answer, 404, "there is nothing here");
  if (incoming.method !== "POST") return problem(answer, 405, "only POST is answered here");
  try {
    send(answer, 200, "application/json", await admin.reload());
  } catch (error) {
    problem(answer, 422, error instanceof Error ? error.message : String(error));
  }
}

function problem(answer: ServerResponse, status: number, detail: string): void {
  send(answer, status, "application/problem+json", { status, detail });
}

function send(answer: ServerResponse, status: number, type: string, body: object): void {
  answer.writeHead(status, { "content-type": type, connection: "close" });
  answer.end(JSON.stringify(body));
}

function post(socket: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket, path, method: "POST" }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text;
        if (body.length > ANSWER_BYTES_MAX) asked.destroy(new Error("the answer has no end"));
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asked.on("error", (error: NodeJS.ErrnoException) => reject(explained(error, socket)));
    asked.end();
  });
}

function explained(error: NodeJS.ErrnoException, socket: string): Error {
  switch (error.code) {
    case "ENOENT":
    case "ECONNREFUSED":
      return new Error(
        `no server runs on this data folder: nobody answers at ${socket}; ` +
          "name the server's folder with --data-dir, or its file with -c",
      );
    case "EACCES":
    case "EPERM":
      return new Error(`${socket} is for another user: run this as the user of the server`);
    default:
      return error;
  }
}
