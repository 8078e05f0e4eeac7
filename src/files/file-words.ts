import { dirname } from "node:path";

/** Why a file cannot be read, in words for whoever named it. */
export function readingWords(error: unknown): string {
  return READING[codeOf(error)] ?? messageOf(error);
}

/** Why a file cannot be written, in words for whoever named it. */
export function writingWords(error: unknown, file: string): string {
  const code = codeOf(error);
  if (code === "ENOENT") return `the folder ${dirname(file)} is not there`;
  return WRITING[code] ?? messageOf(error);
}

const READING: Readonly<Record<string, string>> = Object.freeze({
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file: what should be its folder is none",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EISDIR: "it is a folder, not a file",
  ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8 text",
});

const WRITING: Readonly<Record<string, string>> = Object.freeze({
  ENOTDIR: "what should be its folder is none",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the disk is read-only there",
  EISDIR: "it is a folder, not a file",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full for this user",
});

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
