import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NotRun } from "./peer.ts";

const debianFolder = "/usr/lib/postgresql";
const startAttempts = 200;

/** A PostgreSQL server of our own in a folder, reached through a socket in it. */
export class PostgresCluster {
  /** The folder of the socket, which is what a client is told as the host. */
  readonly socket: string;
  readonly #server: ChildProcess;

  private constructor(socket: string, server: ChildProcess) {
    this.socket = socket;
    this.#server = server;
  }

  /** @throws NotRun where PostgreSQL is not installed */
  static async start(folder: string): Promise<PostgresCluster> {
    const programs = programFolder();
    const data = join(folder, "data");
    // The path of a socket has to be short.
    const socket = mkdtempSync(join(tmpdir(), "everytick-postgres-"));
    const user = ordinaryUser();
    // That user has to get as far as its own folders.
    chmodSync(dirname(folder), 0o711);
    for (const each of [folder, data, socket]) {
      mkdirSync(each, { recursive: true });
      if (user !== undefined) chownSync(each, user.uid, user.gid);
    }
    const initdb = ["--pgdata", data, "--username", "bench", "--auth", "trust", "--no-sync"];
    execFileSync(join(programs, "initdb"), initdb, { stdio: "ignore", cwd: folder, ...user });
    const postgres = ["-D", data, "-k", socket, "-c", "listen_addresses="];
    const sizes = ["-c", "shared_buffers=256MB", "-c", "max_wal_size=8GB"];
    const options = { stdio: "ignore", cwd: folder, ...user } as const;
    const server = spawn(join(programs, "postgres"), [...postgres, ...sizes], options);
    process.once("exit", () => {
      server.kill("SIGQUIT");
      rmSync(socket, { recursive: true, force: true });
    });
    for (let attempt = 0; attempt < startAttempts; attempt++) {
      const { status } = spawnSync(join(programs, "pg_isready"), ["--quiet", "--host", socket]);
      if (status === 0) return new PostgresCluster(socket, server);
      if (server.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error("postgres did not start");
  }

  /** SIGINT: the server lets go of its clients and ends in good order. */
  async stop(): Promise<void> {
    if (this.#server.exitCode !== null) return;
    const ended = once(this.#server, "exit");
    this.#server.kill("SIGINT");
    await ended;
  }
}

function programFolder(): string {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : [];
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...newestFirst.map((version) => join(debianFolder, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  const found = folders.find((folder) =>
    ["initdb", "postgres", "pg_isready"].every((name) => isProgram(folder, name)),
  );
  if (found === undefined) throw new NotRun("PostgreSQL is not installed: apt install postgresql");
  return found;
}

function isProgram(folder: string, name: string): boolean {
  try {
    accessSync(join(folder, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root; then its own user takes over. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (what: string): number =>
    Number(execFileSync("id", [what, "postgres"], { encoding: "utf8" }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch (cause) {
    throw new NotRun("PostgreSQL does not run as root, and there is no user postgres", { cause });
  }
}
