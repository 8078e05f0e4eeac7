import { scryptSync } from "node:crypto";

/** A hash whose check takes some milliseconds, where ours takes a twentieth of a second by intent. */
export function cheapHash(password: string): string {
  const salt = Buffer.from("0123456789abcdef");
  const hash = scryptSync(password, salt, 32, { N: 2 ** 10, r: 8, p: 1 });
  return `$scrypt$ln=10,r=8,p=1$${salt.toString("base64")}$${hash.toString("base64")}`;
}
