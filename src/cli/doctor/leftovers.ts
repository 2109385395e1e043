import * as fs from "node:fs";
import { isEverytickError } from "../../errors.ts";
import { readCard } from "../../runs/card.ts";
import { nodePorts } from "../../runs/ports-node.ts";
import { openJournal } from "../../runs/run.ts";
import { folderBytes } from "../../runs/segment-files.ts";
import { strayFiles } from "../../runs/stray-files.ts";
import type { Ports, RunCard } from "../../types.ts";
import { bytes, counted } from "../quantities.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** What lies in the folder of runs, and when its newest run was made. */
export interface FolderLook {
  readonly findings: readonly Finding[];
  /** Milliseconds since 1970; 0 if there is no run. */
  readonly newest: number;
}

/** Looks at every run without reading its history. Changes nothing. */
export async function lookAtRuns(folder: string): Promise<FolderLook> {
  const ports = await nodePorts({});
  const findings: Finding[] = [];
  let newest = 0;
  let runs = 0;
  for (const name of ports.vfs.list(folder) ?? []) {
    const path = `${folder}/${name}`;
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) || !fs.statSync(path).isDirectory()) {
      findings.push(strayInFolder(name));
      continue;
    }
    const card = cardOf(ports, path, name, findings);
    if (card === undefined) continue;
    runs += 1;
    newest = Math.max(newest, Date.parse(card.createdAt) || 0);
    findings.push(...lockFindings(ports, path, name), ...(await fileFindings(ports, path, card)));
  }
  if (findings.length === 0)
    findings.push(ok("runs", `${counted(runs, "run")}, nothing left over`));
  return { findings, newest };
}

function strayInFolder(name: string): Finding {
  if (name.startsWith(".recover-")) {
    return warning(name, "left by an unfinished recover", "Delete it, unless one runs right now.");
  }
  return warning(name, "no run", "Nothing reads it. Move it out of the folder of runs.");
}

function cardOf(ports: Ports, path: string, id: string, findings: Finding[]): RunCard | undefined {
  try {
    const card = readCard(ports.vfs, path);
    if (card === undefined) {
      findings.push(warning(id, "a folder without a card", "It holds no run of everytick."));
    }
    return card;
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    findings.push(problem(id, `its card: ${error.code}`, "Restore run.json from a copy."));
    return undefined;
  }
}

function lockFindings({ vfs }: Ports, path: string, id: string): Finding[] {
  const holder = vfs.lockHolder(path);
  if (holder !== undefined) return [ok(id, `recorded by ${holder}`)];
  if (vfs.stat(`${path}/lock.json`) === undefined) return [];
  return [warning(id, "its recorder died", `Continue it: everytick resume ${id}`)];
}

async function fileFindings(ports: Ports, path: string, card: RunCard): Promise<Finding[]> {
  const { id } = card;
  const findings: Finding[] = [];
  for (const stray of strayFiles(ports.vfs, path)) {
    const isCache = stray.startsWith("cache/");
    const next = isCache ? "It can be deleted." : "Nothing reads it. Move it away.";
    findings.push(warning(id, isCache ? `an old cache, ${stray}` : `a stray file, ${stray}`, next));
  }
  if (ports.vfs.stat(`${path}/run.json.new`) !== undefined) {
    findings.push(warning(id, "a card that was never finished", "run.json.new can be deleted."));
  }
  const torn = folderBytes(ports.vfs, `${path}/journal/torn`);
  if (torn > 0) {
    const next = "It was never acknowledged and can be deleted.";
    findings.push(warning(id, `${bytes(torn)} of torn tails kept aside in journal/torn`, next));
  }
  findings.push(...(await journalFindings(ports, path, card)));
  return findings;
}

async function journalFindings(ports: Ports, path: string, card: RunCard): Promise<Finding[]> {
  const { id } = card;
  try {
    const journal = await openJournal(path, card, ports);
    const [torn, damage] = [journal.tornCreation, await journal.damage()];
    await journal.close();
    if (damage !== undefined) throw damage;
    if (torn === undefined) return [];
    const next = "Its recorder died while making it; the next resume moves it aside.";
    return [warning(id, `journal/${torn}, a segment without a header`, next)];
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    const next = `See what is damaged: everytick verify ${id}; then: everytick recover ${id} --out NEW`;
    return [problem(id, error.code, next)];
  }
}
