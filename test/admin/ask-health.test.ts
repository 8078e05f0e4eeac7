import { afterEach, expect, it } from "vitest";
import { AdminListener } from "../../src/admin/admin-listener.js";
import { askHealth } from "../../src/admin/ask-health.js";

let listener: AdminListener | undefined;

afterEach(() => listener?.close());

/** The URL of a server that answers so. */
function answering(answer: () => Response): Promise<string> {
  listener = new AdminListener(answer);
  return listener.listen({ host: "127.0.0.1", port: 0 });
}

it("says what the server says", async () => {
  const well = await answering(() => Response.json({ status: "ready" }));
  expect(await askHealth(`${well}/readyz`)).toEqual({
    isHealthy: true,
    words: `${well}/readyz answers 200: {"status":"ready"}`,
  });
  await listener?.close();
  const ill = await answering(() => new Response("not ready\n", { status: 503 }));
  expect(await askHealth(ill)).toEqual({
    isHealthy: false,
    words: `${ill} answers 503: not ready`,
  });
});

it("says why there is no answer, and follows nobody elsewhere", async () => {
  const url = await answering(() => Response.redirect("http://127.0.0.1:1/", 302));
  expect(await askHealth(url)).toMatchObject({ isHealthy: false });
  await listener?.close();
  listener = undefined;
  const gone = await askHealth(url);
  expect(gone.isHealthy).toBe(false);
  expect(gone.words).toMatch(
    /does not answer: .*ECONNREFUSED.*; start the server, or say with --url where/,
  );
});
