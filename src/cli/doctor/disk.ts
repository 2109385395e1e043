import * as fs from "node:fs";
import { dirname } from "node:path";
import { bytes, duration, quantile } from "../quantities.ts";
import { milliseconds } from "../stopwatch.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const MB = 1e6;
const spaceNeeded = 100 * MB;
const spaceWished = 1000 * MB;
const probes = 16;
/** A disk that turns or lies across a network takes longer than this for one sync. */
const slowMilliseconds = 20;
/** No disk that keeps what it confirms is quicker than this. */
const suspiciousMilliseconds = 0.02;

const inMemory = new Set(["tmpfs", "ramfs"]);
const overNetwork =
  /^(?:nfs4?|cifs|smb3|smbfs|9p|ceph|glusterfs|afs|lustre|fuse\.(?:sshfs|s3fs|rclone|gcsfuse))$/;

/** The folder that would be written: itself, or the nearest one above it that is there. */
function nearestFolder(folder: string): string {
  let path = folder;
  while (!fs.existsSync(path) && dirname(path) !== path) path = dirname(path);
  return fs.realpathSync(path);
}

export function diskFindings(folder: string): Finding[] {
  const path = nearestFolder(folder);
  if (!fs.statSync(path).isDirectory()) {
    return [problem("folder", `${path} is a file`, "Choose another folder of runs.")];
  }
  const mount = mountOf(mountTable(), path);
  return [judgeMount(mount), spaceFinding(path), probeFinding(path, mount)];
}

interface Mount {
  readonly type: string;
  readonly options: readonly string[];
}

/** `undefined` where the system tells no mounts. */
function mountTable(): string | undefined {
  try {
    return fs.readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return undefined;
  }
}

/** The file system of a path, by the longest mount point above it (proc_pid_mountinfo(5)). */
export function mountOf(table: string | undefined, path: string): Mount | undefined {
  let best: { point: string; mount: Mount } | undefined;
  for (const line of table?.split("\n") ?? []) {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , , escaped = "", options = ""] = left.split(" ");
    const [type = "", , ofSystem = ""] = right.split(" ");
    const point = escaped.replace(/\\(\d{3})/g, (_, octal: string) => {
      return String.fromCharCode(parseInt(octal, 8));
    });
    const isAbove = point === "/" || path === point || path.startsWith(`${point}/`);
    if (!isAbove || point === "" || (best !== undefined && best.point.length > point.length))
      continue;
    best = { point, mount: { type, options: [...options.split(","), ...ofSystem.split(",")] } };
  }
  return best?.mount;
}

export function judgeMount(mount: Mount | undefined): Finding {
  if (mount === undefined) {
    return warning("file system", "unknown", "Make sure that it is a local disk.");
  }
  const { type, options } = mount;
  if (options.includes("ro")) {
    return problem("file system", `${type}, read-only`, "Mount it for writing, or choose another.");
  }
  if (inMemory.has(type)) {
    const next = "Runs are gone when the machine stops. Choose a folder on a disk.";
    return warning("file system", `${type}, in memory`, next);
  }
  if (overNetwork.test(type)) {
    const next = "Locks may not hold: make sure that one process alone records a run.";
    return warning("file system", `${type}, over a network`, next);
  }
  if (options.includes("nobarrier") || options.includes("barrier=0")) {
    const next = "Write barriers are off, so that power loss may lose what was acknowledged.";
    return problem("file system", `${type}, nobarrier`, next);
  }
  if (type === "overlay") {
    const next = "This is a container's own layer, and goes with it. Mount a volume for runs.";
    return warning("file system", type, next);
  }
  return ok("file system", type);
}

function spaceFinding(path: string): Finding {
  const { bavail, bsize, files, ffree } = fs.statfsSync(path);
  return judgeSpace(bavail * bsize, files > 0 ? ffree : Number.POSITIVE_INFINITY);
}

export function judgeSpace(free: number, freeNames: number): Finding {
  const found = `${bytes(free)} free`;
  if (freeNames < 100) {
    return problem("space", `${freeNames} files may still be made`, "Remove some files.");
  }
  if (free < spaceNeeded) return problem("space", found, "Recording would soon stop: free some.");
  if (free < spaceWished) return warning("space", found, "A long run may fill it: free some.");
  return ok("space", found);
}

/** Does what a commit does to the disk, with a file that is removed again. */
function probeFinding(path: string, mount: Mount | undefined): Finding {
  const probe = `${path}/.everytick-doctor-${process.pid}`;
  const times: number[] = [];
  try {
    const file = fs.openSync(probe, "wx");
    try {
      for (let i = 0; i < probes; i++) {
        fs.writeSync(file, new Uint8Array(4096).fill(i), 0, 4096, 4096 * i);
        const startedAt = milliseconds();
        fs.fdatasyncSync(file);
        times.push(milliseconds() - startedAt);
      }
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(probe, `${probe}-renamed`);
    const folder = fs.openSync(path, "r");
    try {
      fs.fsyncSync(folder);
    } finally {
      fs.closeSync(folder);
    }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return problem("writing", found, "Choose a folder that can be written and synced.");
  } finally {
    for (const each of [probe, `${probe}-renamed`]) fs.rmSync(each, { force: true });
  }
  return judgeSync(quantile(times, 0.5), Math.max(...times), mount);
}

export function judgeSync(median: number, longest: number, mount: Mount | undefined): Finding {
  const found = `a sync takes ${duration(median)}, at most ${duration(longest)}`;
  if (median > slowMilliseconds) {
    const next = "Each acknowledgement waits for one. Record with --window to share them.";
    return warning("writing", found, next);
  }
  if (median < suspiciousMilliseconds && !inMemory.has(mount?.type ?? "")) {
    const next = "No disk is that quick: it may confirm what it has not kept yet.";
    return warning("writing", found, next);
  }
  return ok("writing", found);
}
