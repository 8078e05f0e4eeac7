import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { connect, type IClientOptions } from "mqtt";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { signatureOf } from "../../src/auth/access-keys.js";
import { type CredentialOptions, openCredentials } from "../../src/auth/index.js";
import { signedText } from "../../src/auth/token-issuer.js";
import { createBroker } from "../../src/index.js";
import { type RunningServer, startServer } from "../../src/server/start-server.js";
import { scratch } from "../auth/attempt.js";
import { Child } from "../server/child.js";
import { selfSigned } from "../support/certificate.js";
import { canRun, run } from "./stock-server.js";

const folder = scratch();
const hasMosquitto = canRun("mosquitto_pub", "--help");
const PYTHON = "/usr/bin/python3";
const hasPython = spawnSync(PYTHON, ["-c", "import paho.mqtt.client"]).status === 0;
const hasJava = canRun("java", "-version") && canRun("mvn", "--version");
const client = (name: string): string =>
  fileURLToPath(new URL(`./clients/${name}`, import.meta.url));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(
  ...credentials: CredentialOptions[]
): Promise<{ port: number; server: RunningServer }> {
  const listeners = [{ options: { type: "tcp", port: 0 }, chosenBy: "--port" }] as const;
  const config = { listeners, store: undefined, broker: {}, credentials };
  const server = await startServer(config, {});
  closers.push(() => server.close());
  return { server, port: Number(/:(\d+)$/.exec(server.urls[0] ?? "")?.[1]) };
}

/** Connects, sends itself a message, and goes. @returns the return code of CONNACK. */
async function mqttJs(url: string, options: IClientOptions): Promise<number> {
  const one = connect(url, { reconnectPeriod: 0, ...options });
  closers.push(() => one.endAsync(true));
  return new Promise((resolve, reject) => {
    one.once("connect", () => resolve(0));
    one.once("error", (error) =>
      "code" in error && typeof error.code === "number" ? resolve(error.code) : reject(error),
    );
  });
}

/** @returns the return code of CONNACK, as its exit code or its words tell it. */
async function mosquitto(port: number, ...args: string[]): Promise<number> {
  const all = ["-V", "mqttv311", "-p", `${port}`, "-q", "1", "-t", "t/x", "-m", "hello", ...args];
  const { code, err } = await run("mosquitto_pub", all).ended;
  if (code === 0) return 0;
  if (/bad user name or password/i.test(err)) return 4;
  return /not authori[sz]ed/i.test(err) ? 5 : -1;
}

describe.skipIf(!hasMosquitto)(
  "stock clients show their credentials (MQTT.js and mosquitto_pub)",
  () => {
    const both = async (
      port: number,
      username: string,
      password: string,
      clientId = "stock",
    ): Promise<readonly number[]> => [
      await mqttJs(`mqtt://127.0.0.1:${port}`, { clientId, username, password }),
      await mosquitto(port, "-i", clientId, "-u", username, "-P", password),
    ];

    it("passwords: of all four kinds of hash, and by the command alone", async () => {
      const file = folder.path("users");
      spawnSync("mosquitto_passwd", ["-b", "-c", file, "anna", "secret-a"]);
      spawnSync("mosquitto_passwd", ["-b", "-H", "sha512", file, "berta", "secret-b"]);
      const { hash } = await import("@node-rs/argon2");
      const passwd = spawn(process.execPath, [
        fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url)),
        ...["passwd", file, "dora"],
      ]);
      passwd.stdin.end("secret-d\n");
      expect(await once(passwd, "close")).toEqual([0, null]);
      const { appendFileSync } = await import("node:fs");
      appendFileSync(file, `carl:${await hash("secret-c")}\n`);
      const server = new Child("start", "--port", "0", "--memory", "--password-file", file, "-v");
      closers.push(async () => {
        server.signal("SIGTERM");
        await server.ended;
      });
      const port = await server.listening();
      for (const name of ["anna", "berta", "carl", "dora"]) {
        expect(await both(port, name, `secret-${name[0]}`)).toEqual([0, 0]);
        expect(await both(port, name, "wrong-pass")).toEqual([4, 4]);
      }
      expect(await both(port, "nobody", "secret-a")).toEqual([4, 4]);
      expect([await mqttJs(`mqtt://127.0.0.1:${port}`, {}), await mosquitto(port)]).toEqual([4, 4]);
      expect(server.err).toMatch(/refused .*the user name or the password is wrong/); // [M03]
      expect(server.out + server.err).not.toMatch(/secret-|wrong-pass/);
    });

    it("certificate: its common name is the user name", async () => {
      const [own, device] = [selfSigned(), selfSigned("device-7")];
      const credentials = await openCredentials([{ kind: "certificate" }]);
      const names: (string | undefined)[] = [];
      const broker = createBroker({ authenticate: credentials.authenticate });
      broker.on("connect", ({ client: { username } }) => names.push(username));
      const tls = createTlsServer(
        { ...own, ca: [device.cert], requestCert: true, rejectUnauthorized: false },
        (socket) => broker.handle(socket),
      ).listen(0, "127.0.0.1");
      await once(tls, "listening");
      closers.push(
        () => tls.close(),
        () => broker.close(),
      );
      const { port } = tls.address() as AddressInfo; // it listens on TCP
      const ca = folder.file("ca.pem", own.cert);
      const cert = folder.file("cert.pem", device.cert);
      const key = folder.file("key.pem", device.key);
      const url = `mqtts://127.0.0.1:${port}`;
      const plain = { rejectUnauthorized: false, username: "admin", password: "x" };
      expect(await mqttJs(url, { ...plain, cert: device.cert, key: device.key })).toBe(0);
      expect(await mqttJs(url, plain)).toBe(4);
      const flags = ["--cafile", ca, "--insecure", "-h", "127.0.0.1"];
      expect(await mosquitto(port, ...flags, "--cert", cert, "--key", key)).toBe(0);
      expect(await mosquitto(port, ...flags)).toBe(4);
      expect(names).toEqual(["device-7", "device-7"]);
    });

    it("jwt: lets in until the token ends, and closes the connection then", async () => {
      const secret = "0123456789abcdef0123456789abcdef";
      const keyFile = folder.file("jwt", secret);
      const { port } = await serve({ kind: "jwt", keyFile });
      const token = (seconds: number): Promise<string> =>
        new SignJWT({ sub: "anna", publish: ["t/#"] })
          .setProtectedHeader({ alg: "HS256" })
          .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
          .sign(new TextEncoder().encode(secret));
      expect(await both(port, "any", await token(60))).toEqual([0, 0]);
      expect(await both(port, "any", await token(-5))).toEqual([4, 4]);
      expect(await both(port, "any", `${await token(60)}x`)).toEqual([4, 4]);
      const short = connect(`mqtt://127.0.0.1:${port}`, {
        reconnectPeriod: 0,
        username: "any",
        password: await token(3),
      });
      await new Promise((resolve) => short.once("connect", resolve));
      await new Promise<void>((resolve) => short.once("close", () => resolve())); // nobody else closes it
    });

    it("http: as a program says; when that is gone, nobody gets in", async () => {
      const program = createServer((request, response) => {
        let text = "";
        request.on("data", (chunk: Buffer) => {
          text += chunk;
        });
        request.on("end", () => {
          const { username, password } = JSON.parse(text) as Record<string, string>;
          response.end(
            JSON.stringify({
              result: username === "anna" && password === "secret" ? "allow" : "deny",
            }),
          );
        });
      }).listen(0, "127.0.0.1");
      await once(program, "listening");
      const url = `http://127.0.0.1:${(program.address() as AddressInfo).port}/`;
      const { port } = await serve({ kind: "http", url });
      expect(await both(port, "anna", "secret")).toEqual([0, 0]);
      expect(await both(port, "anna", "wrong")).toEqual([4, 4]);
      program.close();
      program.closeAllConnections();
      expect(
        await mqttJs(`mqtt://127.0.0.1:${port}`, { username: "anna", password: "secret" }),
      ).toBe(3);
    });

    it("[P19] signature: the account's signature of the Client Identifier", async () => {
      const { port } = await serve({
        kind: "signature",
        keysFile: folder.file("keys", "AK:exampleSecret\n"),
      });
      const user = "Signature|AK|mqtt-xxxxx";
      expect(await both(port, user, "L6ApYSRZNEKYlpZRovaW39uQHYY=", "GID_Test@@@0001")).toEqual([
        0, 0,
      ]);
      expect(await both(port, user, "L6ApYSRZNEKYlpZRovaW39uQHYY=", "GID_Test@@@0002")).toEqual([
        4, 4,
      ]);
    });

    it("[P19] token: one that this server has issued", async () => {
      const { port, server } = await serve(tokens("stock"));
      const token = await issue(server, "t/#");
      expect(await both(port, "Token|AK|mqtt-xxxxx", `RW|${token}`)).toEqual([0, 0]);
      expect(await both(port, "Token|AK|mqtt-xxxxx", `R|${token}`)).toEqual([4, 4]);
      expect(await both(port, "Token|AK|mqtt-xxxxx", `RW|${token}x`)).toEqual([4, 4]);
    });
  },
);

const tokens = (name: string) =>
  ({
    kind: "token",
    keysFile: folder.file("keys", "AK:exampleSecret\n"),
    stateDir: folder.path(`tokens-${name}`),
  }) as const;

function signed(request: Record<string, string>): Record<string, string> {
  return {
    ...request,
    accessKey: "AK",
    signature: signatureOf("exampleSecret", signedText(request)),
  };
}

async function issue({ credentials }: RunningServer, resources: string): Promise<string> {
  const expireTime = `${Date.now() + 3_600_000}`;
  const request = {
    actions: "R,W",
    resources,
    expireTime,
    instanceId: "mqtt-xxxxx",
    serviceName: "mq",
  };
  const answer = await credentials?.tokenRequest("/token/apply", signed(request));
  const { tokenData }: Readonly<Record<string, unknown>> = { ...answer?.body };
  return String(tokenData);
}

/** How a language's client is run, when it is there. */
const CLIENTS: readonly (readonly [name: string, isThere: boolean, () => [string, string[]]])[] = [
  ["Python", hasPython, () => [PYTHON, [client("credentials_client.py")]]],
  ["Java", hasJava, () => ["java", ["-cp", JAR, client("CredentialsClient.java")]]],
];
const JARS = fileURLToPath(new URL("../../.cache/paho-java/", import.meta.url));
const JAR = join(JARS, "org.eclipse.paho.client.mqttv3-1.2.5.jar");

describe.each(CLIENTS)("paho for %s", (_, isThere, program) => {
  beforeAll(() => {
    if (!isThere || program()[0] !== "java" || existsSync(JAR)) return;
    mkdirSync(JARS, { recursive: true });
    spawnSync("mvn", [
      ...["-q", "-B", "dependency:copy", `-DoutputDirectory=${JARS}`],
      "-Dartifact=org.eclipse.paho:org.eclipse.paho.client.mqttv3:1.2.5",
    ]);
  }, 300_000);

  it.skipIf(!isThere)("[P19] connects with a signature", async () => {
    const { port } = await serve({
      kind: "signature",
      keysFile: folder.file("keys", "AK:exampleSecret\n"),
    });
    const [command, args] = program();
    const by = (password: string) =>
      run(
        command,
        [...args, `${port}`, "GID_Test@@@0001", "Signature|AK|mqtt-xxxxx", password],
        60_000,
      ).ended;
    const { out, err, code } = await by("L6ApYSRZNEKYlpZRovaW39uQHYY=");
    expect([err, code]).toEqual(["", 0]);
    expect(out.trim().split("\n")).toEqual(["CONNACK 0", "t/x hello"]);
    expect((await by("wrong")).out).toContain("CONNACK 4");
  });

  it.skipIf(!isThere)(
    "[P19] connects with a token, uploads another one, and is told when that is revoked",
    async () => {
      const { port, server } = await serve(tokens(command()));
      const [first, second] = [await issue(server, "t/#"), await issue(server, "t/#,u/#")];
      const [name, args] = program();
      const who = ["GID_Test@@@0001", "Token|AK|mqtt-xxxxx", `RW|${first}`, second];
      const running = run(name, [...args, `${port}`, ...who], 60_000);
      await running.until(/published/);
      const revoked = await server.credentials?.tokenRequest(
        "/token/revoke",
        signed({ token: second }),
      );
      expect(revoked?.status).toBe(200);
      const { out, err, code } = await running.ended;
      expect([err, code]).toEqual(["", 0]);
      expect(out.trim().split("\n")).toEqual([
        "CONNACK 0",
        "t/x hello",
        "published",
        '$SYS/tokenInvalidNotice {"code":3,"type":"RW"}',
        "lost",
      ]);
    },
  );

  const command = (): string => program()[0].replaceAll("/", "-");
});
