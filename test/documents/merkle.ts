/** Merkle trees as RFC 6962 has them: leaves and nodes are hashed apart, and no leaf is ever doubled. */
import { createHash } from "node:crypto";

/** The hash beside the way from a leaf to the root, and whether it stands to the left. */
export interface ProofStep {
  readonly hash: Buffer;
  readonly isLeft: boolean;
}

function hashOf(...parts: readonly Uint8Array[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

function leafHash(member: string): Buffer {
  return hashOf(Uint8Array.of(0), Buffer.from(member));
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return hashOf(Uint8Array.of(1), left, right);
}

/** The largest power of two below a count. */
function splitOf(count: number): number {
  return 2 ** Math.ceil(Math.log2(count) - 1);
}

/** Members are sorted, so the root says who they are and not in which order they came. */
export function rootOf(members: Iterable<string>): Buffer {
  const rootOfSorted = (sorted: readonly string[]): Buffer => {
    if (sorted.length === 0) return hashOf();
    if (sorted.length === 1) return leafHash(sorted[0] as string);
    const split = splitOf(sorted.length);
    return nodeHash(rootOfSorted(sorted.slice(0, split)), rootOfSorted(sorted.slice(split)));
  };
  return rootOfSorted([...members].sort());
}

/** The way from a member to the root, from the leaf up. */
export function proofOf(members: Iterable<string>, member: string): ProofStep[] {
  const sorted = [...members].sort();
  const steps: ProofStep[] = [];
  let [begin, end] = [0, sorted.length];
  const at = sorted.indexOf(member);
  while (end - begin > 1) {
    const split = begin + splitOf(end - begin);
    const isLeft = at >= split;
    const beside = isLeft ? sorted.slice(begin, split) : sorted.slice(split, end);
    steps.unshift({ hash: rootOf(beside), isLeft });
    [begin, end] = isLeft ? [split, end] : [begin, split];
  }
  return steps;
}

export function isIncluded(root: Uint8Array, member: string, proof: readonly ProofStep[]): boolean {
  const found = proof.reduce(
    (hash, step) => (step.isLeft ? nodeHash(step.hash, hash) : nodeHash(hash, step.hash)),
    leafHash(member),
  );
  return found.equals(root);
}
