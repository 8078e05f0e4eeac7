import { describe, expect, it } from "vitest";
import { ask } from "../../src/auth/http-question.js";
import { attempt } from "./attempt.js";

describe("a question by HTTP", () => {
  it("[M03] that cannot be asked says where, without what stands behind the path", async () => {
    const question = {
      url: "http://127.0.0.1:1/auth?key=s3cret",
      secret: "t0ken",
      timeoutMs: 5_000,
    };
    const failed: unknown = await ask(question, attempt({ password: "hunter2" })).catch(
      (e: unknown) => e,
    );
    expect(String(failed)).toMatch(
      /^Error: http:\/\/127\.0\.0\.1:1\/auth gave no answer about a client: /,
    );
    expect(String(failed)).not.toMatch(/s3cret|t0ken|hunter2/);
  });
});
