import { EverytickError } from "../errors.ts";
import { indexCacheName } from "../journal/index-cache.ts";
import { isSealed } from "../journal/segment-reader.ts";
import { segmentsAmong, type SegmentName } from "../journal/segment-name.ts";
import type { ByteSource, FileStat, Ports, RunCard, Tick } from "../types.ts";
import { cardBytes, cardVersion, readCard } from "./card.ts";
import { folderBytes } from "./segment-files.ts";

/** Written when a writer begins, removed when it ends in good order. */
const lockFactsName = "lock.json";

/** A file of a run's journal. */
export interface SegmentFile {
  readonly name: string;
  /** The first tick that it may hold. */
  readonly firstTick: Tick;
  readonly bytes: number;
  /** Whether it is as it will ever be. */
  readonly isSealed: boolean;
}

type SizedName = SegmentName & { readonly bytes: number };

/** The files of a run as they lie there: also of a run that is damaged, or that another process records. */
export class RunFiles {
  readonly id: string;
  readonly #directory: string;
  readonly #ports: Ports;

  /** Use `runs.files`. */
  constructor(id: string, directory: string, ports: Ports) {
    this.id = id;
    this.#directory = directory;
    this.#ports = ports;
  }

  /** @throws RUNS_MISSING, RUNS_CARD, FORMAT_NEWER, JOURNAL_READ */
  card(): RunCard {
    const card = readCard(this.#ports.vfs, this.#directory);
    if (card !== undefined) return card;
    throw new EverytickError("RUNS_MISSING", { where: this.#directory, found: "no card" });
  }

  /** Another text whenever the card was replaced; `undefined` if there is none, or the system does not tell. */
  get cardVersion(): string | undefined {
    return cardVersion(this.#ports.vfs, this.#directory);
  }

  /**
   * Another text whenever the card, the journal's end or the writer is another one; `undefined` where the system does not
   * tell. While a run is recorded it may end without a change: a killed writer leaves everything as it is.
   */
  get version(): string | undefined {
    const { vfs } = this.#ports;
    const names = this.#names();
    const last = names.at(-1);
    const stat = last && vfs.stat(this.#path(last));
    const lock = vfs.stat(`${this.#directory}/${lockFactsName}`);
    if (this.cardVersion === undefined || (stat !== undefined && stat.version === undefined)) {
      return undefined;
    }
    const parts = [this.cardVersion, names.length, stat?.version, stat?.size, lock?.version];
    return parts.join(" ");
  }

  /** Bytes of history: card and segments. */
  get bytes(): number {
    const { vfs } = this.#ports;
    return cardBytes(vfs, this.#directory) + folderBytes(vfs, `${this.#directory}/journal`);
  }

  /** The segments, in order. @throws JOURNAL_READ */
  async segments(): Promise<SegmentFile[]> {
    const own = this.#own();
    return Promise.all(
      own.map(async (each, number) => this.#file(each, number === own.length - 1)),
    );
  }

  /** One of the segments; `undefined` if the run has none of that name. @throws JOURNAL_READ */
  async segment(name: string): Promise<SegmentFile | undefined> {
    const own = this.#own();
    const number = own.findIndex((each) => each.name === name);
    const found = own[number];
    return found && this.#file(found, number === own.length - 1);
  }

  /** The bytes of a segment; the caller closes it. */
  open({ name }: SegmentFile): ByteSource {
    return this.#ports.vfs.source(`${this.#directory}/journal/${name}`);
  }

  /** The index cache of a segment, if there is one. */
  indexCache({ name }: SegmentFile): Uint8Array | undefined {
    const path = `${this.#directory}/cache/${indexCacheName(name)}`;
    return this.#ownStat(path) === undefined ? undefined : this.#ports.vfs.read(path);
  }

  async #file(segment: SizedName, isLast: boolean): Promise<SegmentFile> {
    const { name, firstTick, bytes } = segment;
    // A segment before the last one was sealed before its successor was made.
    return { name, firstTick, bytes, isSealed: !isLast || (await this.#endsWithSeal(segment)) };
  }

  /** A link may lead to anything on this machine: it is no file of the run. */
  #own(): SizedName[] {
    return this.#names().flatMap((segment) => {
      const stat = this.#ownStat(this.#path(segment));
      return stat === undefined ? [] : [{ ...segment, bytes: stat.size }];
    });
  }

  #ownStat(path: string): FileStat | undefined {
    const stat = this.#ports.vfs.stat(path);
    return stat?.isLink === true || stat?.directory === true ? undefined : stat;
  }

  #names(): SegmentName[] {
    return segmentsAmong(this.#ports.vfs.list(`${this.#directory}/journal`) ?? []);
  }

  #path({ name }: SegmentName): string {
    return `${this.#directory}/journal/${name}`;
  }

  async #endsWithSeal(segment: SegmentName): Promise<boolean> {
    const source = this.#ports.vfs.source(this.#path(segment));
    try {
      return await isSealed(segment.name, source, this.#ports.codecs);
    } finally {
      await source.close();
    }
  }
}
