import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type FileReader, readConf } from "../../../src/server/mosquitto/conf-file.js";
import { confFolder } from "./conf-folder.js";

const { folder, write } = confFolder();

/** What was read, with how deep its file is. */
function linesOf(file: string): string[] {
  const lines: string[] = [];
  const reader = (depth: number): FileReader => ({
    read: ({ place, name, rest }) => {
      lines.push(`${depth} ${place.slice(folder.length + 1)} ${name}=${rest}`);
    },
    included: () => reader(depth + 1),
  });
  readConf(file, reader(0));
  return lines;
}

describe("readConf", () => {
  it("takes a # for a comment at the beginning of a line only, and blanks between words", () => {
    const file = write("a.conf", "# note", "", "  port  1883  # no comment", "\r", "user x\r");
    expect(linesOf(file)).toEqual(["0 a.conf:3 port=  1883  # no comment", "0 a.conf:5 user= x"]);
  });

  it("follows include_dir of the first file: what ends with .conf, by name whatever its case", () => {
    const parts = join(folder, "parts");
    mkdirSync(join(parts, "folder.conf"), { recursive: true });
    for (const name of ["parts/b.conf", "parts/A.conf", "parts/c.txt", "parts/.conf"]) {
      write(name, `user ${name}`, `include_dir ${folder}`);
    }
    const file = write("main.conf", `include_dir ${parts}`, "port 1");
    expect(linesOf(file)).toEqual([
      "1 parts/A.conf:1 user= parts/A.conf",
      "1 parts/b.conf:1 user= parts/b.conf",
      "0 main.conf:2 port= 1",
    ]);
  });

  it("says which file or folder cannot be read, and where it is named", () => {
    expect(() => linesOf(join(folder, "none"))).toThrow(
      /none: it cannot be read: there is no such file/,
    );
    const file = write("bad.conf", "", `include_dir ${folder}/none`);
    expect(() => linesOf(file)).toThrow(/bad.conf:2: the folder .*none cannot be read: ENOENT/);
    expect(() => linesOf(write("empty.conf", "include_dir"))).toThrow(
      /empty.conf:1: include_dir needs the name of a folder/,
    );
  });
});
