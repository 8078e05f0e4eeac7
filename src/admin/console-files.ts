import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Hono } from "hono";

/** What a build makes of the console. */
const FILES = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/console.js": ["console.js", "text/javascript; charset=utf-8"],
  "/style.css": ["style.css", "text/css; charset=utf-8"],
  "/licences.txt": ["licences.txt", "text/plain; charset=utf-8"],
} as const;

/**
 * The page loads what this listener serves, speaks to it alone (WebSockets included) and can be put
 * into no frame. `data:` is for the icon of the page, which is none.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  // Asked about each time: after an update nobody is shown half of the old page.
  "cache-control": "no-cache",
};

interface ConsoleFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly compressed: Uint8Array<ArrayBuffer>;
}

/**
 * Serves the console, which holds no secrets: the page asks for the token before it shows anything.
 *
 * @param folder - Where the build has put it. It is read once, now; what is missing is not served.
 */
export function consoleFiles(folder: string): Hono {
  const app = new Hono();
  for (const [path, [name, contentType]] of Object.entries(FILES)) {
    const file = fileFrom(join(folder, name), contentType);
    if (file === undefined) continue;
    app.get(path, (context) => {
      if (context.req.header("if-none-match") === file.etag) {
        return new Response(null, { status: 304, headers: file.headers });
      }
      const isCompressed = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
      return new Response(isCompressed ? file.compressed : file.plain, {
        headers: { ...file.headers, ...(isCompressed && { "content-encoding": "gzip" }) },
      });
    });
  }
  return app;
}

function fileFrom(path: string, contentType: string): ConsoleFile | undefined {
  let plain: Uint8Array<ArrayBuffer>;
  try {
    plain = Uint8Array.from(readFileSync(path));
  } catch {
    return undefined; // not built: a server that is run from its sources
  }
  const etag = `W/"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  const headers = { ...HEADERS, "content-type": contentType, vary: "accept-encoding", etag };
  return { headers, etag, plain, compressed: Uint8Array.from(gzipSync(plain)) };
}
