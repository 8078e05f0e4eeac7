import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, as names of files. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is to be. */
export interface Wanted {
  /** Default `localhost`. */
  readonly commonName?: string;
  /** Like `DNS:a.example,IP:127.0.0.1`. Default: both names of this machine. */
  readonly names?: string;
  /** Days from now on; below 0: it has expired. */
  readonly days?: number;
}

/** An authority of a test: it signs certificates with OpenSSL and takes them back. */
export class TestCa {
  readonly folder = mkdtempSync(join(tmpdir(), "beeline-ca-"));
  readonly cert: string;
  readonly #key: string;
  #count = 0;

  constructor(commonName = "test authority") {
    const pair = this.#files("ca");
    this.cert = pair.cert;
    this.#key = pair.key;
    this.#openssl(
      ...["req", "-x509", ...NEW_KEY, "-keyout", pair.key, "-out", pair.cert],
      ...["-subj", `/CN=${commonName}`, "-days", "2"],
      ...["-addext", "basicConstraints=critical,CA:TRUE"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    );
    mkdirSync(join(this.folder, "new"));
    writeFileSync(join(this.folder, "index"), "");
    writeFileSync(join(this.folder, "serial"), "01\n");
    writeFileSync(join(this.folder, "crlnumber"), "01\n");
    writeFileSync(join(this.folder, "conf"), configOf(this.folder));
  }

  /** A new certificate, signed by this authority. */
  issue({ commonName = "localhost", names, days = 2 }: Wanted = {}): CertificatePair {
    this.#count += 1;
    const pair = this.#files(`leaf-${this.#count}`);
    const request = join(this.folder, "request");
    this.#openssl(
      ...["req", ...NEW_KEY, "-keyout", pair.key, "-out", request, "-subj", `/CN=${commonName}`],
    );
    const extensions = join(this.folder, "extensions");
    writeFileSync(extensions, `subjectAltName=${names ?? "DNS:localhost,IP:127.0.0.1"}\n`);
    const end = new Date(Date.now() + days * DAY_MS);
    const start = new Date(Math.min(Date.now() - DAY_MS, end.getTime() - DAY_MS));
    this.#openssl(
      ...["ca", "-batch", "-notext", "-config", join(this.folder, "conf"), "-in", request],
      ...["-out", pair.cert, "-cert", this.cert, "-keyfile", this.#key, "-extfile", extensions],
      ...["-startdate", utc(start), "-enddate", utc(end)],
    );
    return pair;
  }

  /** A list of what was revoked, with these in it. */
  revoke(...pairs: readonly CertificatePair[]): string {
    const own = ["-config", join(this.folder, "conf"), "-cert", this.cert, "-keyfile", this.#key];
    for (const { cert } of pairs) this.#openssl("ca", ...own, "-revoke", cert);
    this.#count += 1;
    const list = join(this.folder, `list-${this.#count}.pem`);
    this.#openssl("ca", ...own, "-gencrl", "-crldays", "2", "-out", list);
    return list;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #files(name: string): CertificatePair {
    return { cert: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`) };
  }

  #openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { stdio: "pipe" });
  }
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** `260131120000Z` */
function utc(time: Date): string {
  return `${time.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`;
}

function configOf(folder: string): string {
  return `[ca]
default_ca = own
[own]
database = ${folder}/index
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
new_certs_dir = ${folder}/new
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;
}
