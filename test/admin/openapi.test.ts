import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { API, api } from "../../src/admin/api.js";
import { openApiDocument } from "../../src/admin/openapi.js";
import { adminWorld } from "../support/admin.js";

async function withDocument(check: (document: Document) => void): Promise<void> {
  const world = adminWorld();
  const { signIn, source } = world;
  try {
    const app = api({ signIn, source, isStopping: () => false });
    check(openApiDocument(app, API) as unknown as Document);
  } finally {
    await world.close();
  }
}

type Document = {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<string, { operationId: string; summary: string; responses: Record<string, object> }>
  >;
};

it("is the one in docs", () =>
  withDocument((document) => {
    const file = new URL("../../docs/openapi.json", import.meta.url);
    expect(document).toEqual(JSON.parse(readFileSync(file, "utf8")));
  }));

it("gives every call a name of its own, a sentence, and all its answers", () =>
  withDocument(({ openapi, paths }) => {
    expect(openapi).toBe("3.1.0");
    const calls = Object.values(paths).flatMap((methods) => Object.values(methods));
    expect(new Set(calls.map(({ operationId }) => operationId)).size).toBe(calls.length);
    for (const { summary, responses } of calls) {
      expect(summary).toMatch(/^[A-Z]/);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(["401", "403", "500"]));
      expect(Object.keys(responses).some((status) => status.startsWith("2"))).toBe(true);
    }
  }));
