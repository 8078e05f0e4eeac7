import { bytesOfFile } from "../files/bounded-file.js";
import { readingWords } from "../files/file-words.js";

/**
 * What a file that people write holds, as text.
 *
 * @param bytesMax - One that has more is something else.
 * @throws Error that says what is wrong with it; whoever asked says which file it is.
 */
export function fileText(file: string, bytesMax: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytesOfFile(file, bytesMax));
  } catch (error) {
    throw new Error(readingWords(error));
  }
}
