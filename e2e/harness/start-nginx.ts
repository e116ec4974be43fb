/** nginx with the site of docs/deploy/nginx.conf, on a free port, with a certificate of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { curl, run } from "./run.ts";
import { stopProcess, temporaryDirectory } from "./stack.ts";

const SITE = fileURLToPath(new URL("../../docs/deploy/nginx.conf", import.meta.url));

export interface Nginx extends AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly front: string;
  readonly port: number;
  /** PEM file of the certificate, which is its own authority. */
  readonly certificate: string;
  readonly errorLog: string;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function makeCertificate(directory: string): Promise<void> {
  const files = ["-keyout", join(directory, "tls.key"), "-out", join(directory, "tls.crt")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    ...files,
    ...subject,
  ]);
  if (made.code !== 0) throw new Error(`openssl: ${made.stderr}`);
}

/** @throws Error when a line that is to be replaced is not in the site any more. */
function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`docs/deploy/nginx.conf has not exactly one \`${from}\``);
  return text.replace(from, to);
}

async function writeConfiguration(directory: string, port: number, api: string): Promise<string> {
  const site = [
    ["server 127.0.0.1:8787;", `server ${new URL(api).host};`],
    ["listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`],
    ["server_name files.example.com;", "server_name localhost;"],
    ["/etc/ssl/s3r/tls.crt", join(directory, "tls.crt")],
    ["/etc/ssl/s3r/tls.key", join(directory, "tls.key")],
  ].reduce((text, [from = "", to = ""]) => replaceOnce(text, from, to), await readFile(SITE, "utf8"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  const file = join(directory, "nginx.conf");
  await writeFile(
    file,
    `daemon off; pid ${directory}/pid; error_log ${directory}/error.log info;
events {}
http { access_log off; ${temporary.join(" ")}
${site}}
`,
  );
  return file;
}

export async function startNginx(api: string): Promise<Nginx> {
  if ((await run("nginx", ["-v"]).catch(() => undefined)) === undefined) {
    throw new Error("nginx is not there: .ci/install-slow-tools, or `apt-get install nginx-light`");
  }
  const directory = await temporaryDirectory();
  await makeCertificate(directory);
  const port = await freePort();
  const configuration = await writeConfiguration(directory, port, api);
  const child = spawn("nginx", ["-e", join(directory, "error.log"), "-c", configuration], { stdio: "ignore" });
  const certificate = join(directory, "tls.crt");
  const front = `https://localhost:${port}`;
  await curl(["--cacert", certificate, "--retry", "20", "--retry-delay", "1", "--retry-connrefused", front]);
  return {
    front,
    port,
    certificate,
    errorLog: join(directory, "error.log"),
    async [Symbol.asyncDispose]() {
      await stopProcess(child, "SIGTERM");
      await rm(directory, { recursive: true, force: true });
    },
  };
}
