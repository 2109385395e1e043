import * as fs from "node:fs";
import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { EverytickError } from "../errors.ts";
import type { Lock } from "../types.ts";

/**
 * The writer's lock: an exclusive transaction on a small SQLite file. It is an operating-system lock, kept by a stopped
 * process and lost by a dead one. POSIX drops all locks of a process on a file as soon as it closes any handle of it, so
 * nothing but this file may open `lock.db`. It does not work on network file systems.
 */
const lockFile = "lock.db";
/** Who holds the lock; only ever read for messages. */
const factsFile = "lock.json";

/** Folders that this process holds. */
const held = new Map<string, string>();

/** How long an attempt waits for somebody who only looks. */
const patienceMilliseconds = 250;

export function lockDirectory(directory: string): Lock {
  const path = fs.realpathSync(directory);
  const holder = held.get(path);
  if (holder !== undefined) throw refused(path, holder);
  const database = tryLock(path, patienceMilliseconds);
  if (database === undefined) throw refused(path, describeHolder(path));
  const facts = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  held.set(path, describe(facts));
  fs.writeFileSync(`${path}/${factsFile}`, `${JSON.stringify(facts)}\n`);
  return {
    release: () => {
      if (!held.delete(path)) return;
      fs.rmSync(`${path}/${factsFile}`, { force: true });
      database.close();
    },
  };
}

/** Who holds the lock of a folder; `undefined` if nobody does. */
export function lockHolder(directory: string): string | undefined {
  if (!fs.existsSync(`${directory}/${lockFile}`)) return undefined;
  const path = fs.realpathSync(directory);
  const holder = held.get(path);
  if (holder !== undefined) return holder;
  try {
    const database = tryLock(path, 0);
    database?.close();
    return database === undefined ? describeHolder(path) : undefined;
  } catch {
    // A folder that cannot be written, such as a read-only copy, has no writer of ours.
    return undefined;
  }
}

function tryLock(path: string, patience: number): DatabaseSync | undefined {
  const database = new DatabaseSync(`${path}/${lockFile}`, { timeout: patience });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (/locked|busy/i.test(error instanceof Error ? error.message : "")) return undefined;
    throw error;
  }
}

interface Facts {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

function describeHolder(path: string): string {
  try {
    return describe(JSON.parse(fs.readFileSync(`${path}/${factsFile}`, "utf8")) as Facts);
  } catch {
    return "another process";
  }
}

function describe({ pid, host, since }: Facts): string {
  return `process ${pid} on ${host} since ${since}`;
}

function refused(path: string, holder: string): EverytickError {
  const next = "End that process, or record under another id. Reading needs no lock.";
  return new EverytickError("JOURNAL_LOCKED", { where: path, found: holder, next });
}
