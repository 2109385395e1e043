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
/** Who holds the lock: for messages, and to notice a holder that lost it by accident. */
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
  const other = livingHolder(path);
  if (other !== undefined) {
    database.close();
    throw refused(path, other);
  }
  const { pid } = process;
  const since = new Date().toISOString();
  const startedAt = startOf(pid) ?? null;
  const facts: Facts = { pid, host: hostname(), since, startedAt, file: identityOf(path) };
  try {
    fs.writeFileSync(`${path}/${factsFile}`, `${JSON.stringify(facts)}\n`);
  } catch (error) {
    database.close();
    throw error;
  }
  held.set(path, describe(facts));
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
  /** When the process started, in the kernel's own ticks; tells it from a later one with the same number. */
  readonly startedAt: string | null;
  /** Which file was locked; a copied folder has another. */
  readonly file: string;
}

/**
 * A process that took the lock, did not let go of it and still lives: it lost the lock by closing a copy's handle of the
 * file, as copying the folder does. Only Linux tells processes apart well enough to say so.
 */
function livingHolder(path: string): string | undefined {
  const facts = readFacts(path);
  if (facts === undefined || facts.host !== hostname() || facts.pid === process.pid)
    return undefined;
  const isSameFile = facts.file === identityOf(path);
  const isSame = facts.startedAt !== null && startOf(facts.pid) === facts.startedAt;
  return isSameFile && isSame ? describe(facts) : undefined;
}

/** Device and number of the lock's file; looking at them opens nothing. */
function identityOf(path: string): string {
  const { dev, ino } = fs.statSync(`${path}/${lockFile}`, { bigint: true });
  return `${dev}:${ino}`;
}

/** Field 22 of /proc/PID/stat (proc(5)); `undefined` if there is no such process, or no such file system. */
function startOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function describeHolder(path: string): string {
  const facts = readFacts(path);
  return facts === undefined ? "another process" : describe(facts);
}

function readFacts(path: string): Facts | undefined {
  try {
    return JSON.parse(fs.readFileSync(`${path}/${factsFile}`, "utf8")) as Facts;
  } catch {
    return undefined;
  }
}

function describe({ pid, host, since }: Facts): string {
  return `process ${pid} on ${host} since ${since}`;
}

function refused(path: string, holder: string): EverytickError {
  const next = "End that process, or record under another id. Reading needs no lock.";
  return new EverytickError("JOURNAL_LOCKED", { where: path, found: holder, next });
}
