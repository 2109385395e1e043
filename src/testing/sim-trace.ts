/** A number that differs as soon as one operation, its place or its length differs: equal traces are equal histories. */
export class Trace {
  hash = 0x811c9dc5;

  /** FNV-1a. */
  add(text: string): void {
    let { hash } = this;
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    this.hash = hash >>> 0;
  }
}
