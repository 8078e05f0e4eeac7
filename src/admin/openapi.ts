import type { OpenAPIHono } from "@hono/zod-openapi";

/** The document that describes an app's calls, as they stand below a path. */
export function openApiDocument(
  app: OpenAPIHono,
  url: string,
): ReturnType<OpenAPIHono["getOpenAPI31Document"]> {
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    ...{ type: "http", scheme: "bearer" },
    description:
      "The token of the server: `admin-token` in its data folder, or that of `admin.tokenFile`.",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Beeline admin API",
      version: "1",
      description:
        "What goes on in a running server, and what it is told to do. Errors are problem details (RFC 9457) with a stable `type`.",
      license: { name: "MIT" },
    },
    servers: [{ url }],
    security: [{ token: [] }],
  });
}
