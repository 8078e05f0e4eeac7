import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { TestCa } from "../support/test-ca.js";
import { CHROMIUM, CHROMIUM_MS, startChromium } from "./chromium.js";

const MQTT_JS = createRequire(import.meta.url).resolve("mqtt/dist/mqtt.min");
const GOOD = "https://good.example/";

/** Pages of the web may not reach this machine, unless people agree: here nobody can be asked. */
const REACHING = "--disable-features=LocalNetworkAccessChecks";

/** The one global of the page that the functions below name, as far as they use it. */
interface PageGlobals {
  readonly mqtt: {
    connectAsync(url: string, options: object, retries: boolean): Promise<PageClient>;
  };
}
interface PageClient {
  on(event: "message", listener: (topic: string, payload: Uint8Array) => void): void;
  subscribeAsync(topicFilter: string): Promise<unknown>;
  publishAsync(topicName: string, payload: string, options: object): Promise<unknown>;
  endAsync(): Promise<void>;
}

/** Runs in the page: two Clients, of whom one sends to itself by topic and to the other point-to-point. */
async function talk(url: string): Promise<string[]> {
  const { mqtt } = globalThis as unknown as PageGlobals;
  const options = { username: "anna", password: "secret", reconnectPeriod: 0, protocolVersion: 4 };
  const one = await mqtt.connectAsync(url, { ...options, clientId: "page-1" }, false);
  const other = await mqtt.connectAsync(url, { ...options, clientId: "page-2" }, false);
  const received: string[] = [];
  const all = new Promise<void>((resolve) => {
    const note = (topic: string, payload: Uint8Array): void => {
      received.push(`${topic} ${new TextDecoder().decode(payload)}`);
      if (received.length === 3) resolve();
    };
    one.on("message", note);
    other.on("message", note);
  });
  await one.subscribeAsync("rooms/+");
  await one.publishAsync("rooms/é", "for subscribers", { qos: 1 });
  await one.publishAsync("t/p2p/page-2", "x".repeat(3), { qos: 2 });
  await other.publishAsync("t/p2p/page-1", "back", { qos: 0 });
  await all;
  await one.endAsync();
  await other.endAsync();
  return received.sort();
}

/** Runs in the page. @returns in words how a connection ended that was not made. */
async function refusal([url, password]: readonly [url: string, password: string]): Promise<string> {
  const { mqtt } = globalThis as unknown as PageGlobals;
  const options = { username: "anna", password, reconnectPeriod: 0, connectTimeout: 20_000 };
  return mqtt.connectAsync(url, { ...options, protocolVersion: 4 }, false).then(
    () => "let in",
    (error: Error) => String(error),
  );
}

describe("MQTT.js in Chromium, over wss", () => {
  let ca: TestCa;
  let broker: MqttBroker;
  let url: string;
  let trusting: Browser | undefined;
  let doubting: Browser | undefined;
  const pages: Page[] = [];

  beforeAll(async () => {
    if (CHROMIUM === undefined) return;
    ca = new TestCa();
    const pair = ca.issue();
    broker = createBroker({
      authenticate: ({ username, password = new Uint8Array() }) =>
        username === "anna" && new TextDecoder().decode(password) === "secret",
    });
    const origins = [new URL(GOOD).origin];
    const { port } = await broker.listen({ type: "wss", port: 0, ...pair, origins });
    url = `wss://localhost:${port}/mqtt`;
    const { publicKey } = new X509Certificate(readFileSync(pair.cert));
    const key = publicKey.export({ type: "spki", format: "der" });
    const pin = createHash("sha256").update(key).digest("base64");
    trusting = await startChromium(REACHING, `--ignore-certificate-errors-spki-list=${pin}`);
    doubting = await startChromium(REACHING);
  }, CHROMIUM_MS);

  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  afterAll(async () => {
    await trusting?.close();
    await doubting?.close();
    await broker?.close();
    ca?.remove();
  });

  /** A page of some origin, with MQTT.js and nothing else; no request leaves the machine for it. */
  async function pageOf(browser: Browser | undefined, address: string): Promise<Page> {
    if (browser === undefined) throw new Error("the browser was started");
    const page = await browser.newPage();
    pages.push(page);
    await page.route(address, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
    );
    await page.goto(address);
    await page.addScriptTag({ path: MQTT_JS });
    return page;
  }

  function testInPage(name: string, run: () => Promise<void>): void {
    test(name, { timeout: CHROMIUM_MS }, async ({ skip }) => {
      skip(CHROMIUM === undefined, "there is no Chromium at /usr/bin/chromium");
      await run();
    });
  }

  testInPage("publishes, subscribes, sends and receives point-to-point", async () => {
    const page = await pageOf(trusting, GOOD);
    expect(await page.evaluate(talk, url)).toEqual([
      "rooms/é for subscribers",
      "t/p2p/page-1 back",
      "t/p2p/page-2 xxx",
    ]);
    await expect.poll(() => broker.stats().connections).toBe(0);
  });

  testInPage("[M01] is refused with a wrong password", async () => {
    const page = await pageOf(trusting, GOOD);
    expect(await page.evaluate(refusal, [url, "wrong"] as const)).toContain("Not authorized");
  });

  testInPage("[K06] is not let in from a page of another origin", async () => {
    const page = await pageOf(trusting, "https://evil.example/");
    const before = broker.stats().connectionsOpened;
    expect(await page.evaluate(refusal, [url, "secret"] as const)).not.toBe("let in");
    expect(broker.stats()).toMatchObject({ connectionsOpened: before });
  });

  testInPage("[K12] lets no browser in that does not know the certificate", async () => {
    const page = await pageOf(doubting, GOOD);
    const before = broker.stats().turnedAway["tls-failed"];
    expect(await page.evaluate(refusal, [url, "secret"] as const)).not.toBe("let in");
    expect(broker.stats().turnedAway["tls-failed"]).toBeGreaterThan(before);
  });
});
