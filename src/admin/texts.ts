import { z } from "@hono/zod-openapi";

/** Texts of requests: what may stand in them, as they are checked and as the document says. */

/** Text of a query or a path, with what is said of it in the document. */
export function text(description: string): z.ZodString {
  return z.string().openapi({ description });
}

/** A topic that can be published to. */
export function topicName(description: string): z.ZodString {
  const allowed = "allowed: 1 to 65,535 bytes of UTF-8 without + # and NUL";
  return (
    z
      .string()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what no topic may hold
      .regex(/^[^+#\u0000]+$/, allowed)
      .openapi({ description, example: "home/lamp" })
  );
}

/** A topic filter. */
export function topicFilter(description: string): z.ZodString {
  const allowed = "allowed: + and # only as whole levels, # only at the end; no NUL";
  return (
    z
      .string()
      .min(1, allowed)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what no topic may hold
      .regex(/^(?:(?:\+|[^+#/\u0000]*)\/)*(?:[+#]|[^+#/\u0000]*)$/, allowed)
      .openapi({ description, example: "home/#" })
  );
}

/** A client identifier in a path. */
export const CLIENT_ID = z
  .string()
  .openapi({ description: "A client identifier.", example: "lamp" });

/** One of a client that can be sent to, in a path. [P17] */
export const ADDRESSABLE_ID = z
  .string()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what no topic may hold
  .regex(/^[^+#/\u0000]+$/, "allowed: identifiers without / + # and NUL")
  .openapi({ description: "The client identifier of the receiver.", example: "lamp" });

/** The first level of the address of a client. */
export function parent(description: string): z.ZodString {
  const allowed = "allowed: a level without / + # and NUL that does not begin with $";
  return (
    z
      .string()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what no topic may hold
      .regex(/^[^+#/$\u0000][^+#/\u0000]*$/, allowed)
      .openapi({ description, example: "demo" })
  );
}
