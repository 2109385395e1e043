#!/usr/bin/env python3
"""An independent reader of recorded runs, written from docs/format.md alone. Section numbers are those of that page.

    reader.py RUN              a summary (card, segments, frames; nothing is replayed)
    reader.py RUN --verify     every check there is: checksums, order, lengths, digests, forwards and backwards
    reader.py RUN --json       the same checks, then the run's ticks as one JSON object
    reader.py RUN --tick N     the state at tick N, tables, edges and logs as rows
    reader.py --segment FILE   one segment alone, from its keyframes in both directions

Exit status: 0 all is well, 2 bad usage, 3 the run breaks the format (the message has file, offset, expected, found).
Needs Python 3.9 or later and the `zstd` command, nothing else.
"""
import argparse
import base64
import decimal
import hashlib
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import uuid
import zlib
from array import array
from bisect import bisect_left
from itertools import accumulate, chain, compress
from operator import mul

# Violations -----------------------------------------------------------------------------------------------------------


class Violation(Exception):
    """The run breaks the format: where, what, and the two sides of the disagreement."""

    def __init__(self, file, offset, what, expected, found):
        super().__init__("%s: offset %s: %s\n  expected: %s\n  found:    %s"
                         % (file, offset, what, show(expected), show(found)))


def show(value):
    if isinstance(value, (bytes, bytearray)):
        return value.hex() or "(no bytes)"
    return str(value)


def expect(file, offset, what, expected, found):
    if expected != found:
        raise Violation(file, offset, what, expected, found)


def require(condition, file, offset, what, expected, found):
    if not condition:
        raise Violation(file, offset, what, expected, found)


# XXH3-128 with seed 0 (section 8) -------------------------------------------------------------------------------------

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
BLOCK = 1024                                                            # 16 stripes of 64 bytes
BLOCK_KEY = b"".join(SECRET[8 * i:8 * i + 64] for i in range(16))       # the secret under each stripe of a block
SLAB = 512                                                              # blocks taken at a time


def r64(data, at):
    return int.from_bytes(data[at:at + 8], "little")


def fold(a, b):
    product = a * b
    return (product & M64) ^ (product >> 64)


def avalanche(h):
    h ^= h >> 37
    h = h * 0x165667919E3779F9 & M64
    return h ^ h >> 32


def avalanche64(h):
    h = (h ^ h >> 33) * P64_2 & M64
    h = (h ^ h >> 29) * P64_3 & M64
    return h ^ h >> 32


def xxh128(data):
    """XXH3-128, seed 0, in canonical form: 16 bytes, big-endian."""
    n = len(data)
    low, high = (short if n <= 16 else middle if n <= 240 else long)(data, n)
    return (high << 64 | low).to_bytes(16, "big")


def short(data, n):
    if n > 8:
        lo, hi = r64(data, 0), r64(data, n - 8)
        m = (lo ^ hi ^ r64(SECRET, 32) ^ r64(SECRET, 40)) * P64_1
        m_low, m_high = (m & M64) + (n - 1 << 54) & M64, m >> 64
        hi ^= r64(SECRET, 48) ^ r64(SECRET, 56)
        m_high = m_high + hi + (hi & M32) * (P32_2 - 1) & M64
        m_low ^= int.from_bytes(m_high.to_bytes(8, "little"), "big")
        h = m_low * P64_2
        return avalanche(h & M64), avalanche((h >> 64) + m_high * P64_2 & M64)
    if n > 3:
        both = int.from_bytes(data[:4], "little") | int.from_bytes(data[n - 4:], "little") << 32
        m = (both ^ r64(SECRET, 16) ^ r64(SECRET, 24)) * (P64_1 + (n << 2))
        low, high = m & M64, m >> 64
        high = high + (low << 1) & M64
        low ^= high >> 3
        low = (low ^ low >> 35) * 0x9FB21C651E98DF25 & M64
        return low ^ low >> 28, avalanche(high)
    if n:
        low = data[0] << 16 | data[n >> 1] << 24 | data[n - 1] | n << 8
        high = int.from_bytes(low.to_bytes(4, "little"), "big")
        high = (high << 13 | high >> 19) & M32
        keys = struct.unpack_from("<4I", SECRET)
        return avalanche64(low ^ keys[0] ^ keys[1]), avalanche64(high ^ keys[2] ^ keys[3])
    return (avalanche64(r64(SECRET, 64) ^ r64(SECRET, 72)), avalanche64(r64(SECRET, 80) ^ r64(SECRET, 88)))


def middle(data, n):
    low, high = n * P64_1 & M64, 0

    def mix(one, two, key):
        nonlocal low, high
        a, b, c, d = r64(data, one), r64(data, one + 8), r64(data, two), r64(data, two + 8)
        low = (low + fold(a ^ r64(SECRET, key), b ^ r64(SECRET, key + 8)) & M64) ^ (c + d & M64)
        high = (high + fold(c ^ r64(SECRET, key + 16), d ^ r64(SECRET, key + 24)) & M64) ^ (a + b & M64)

    if n <= 128:
        for i in range((n - 1) // 32, -1, -1):
            mix(16 * i, n - 16 * i - 16, 32 * i)
    else:
        for i in range(0, 128, 32):
            mix(i, i + 16, i)
        low, high = avalanche(low), avalanche(high)
        for i in range(128, n // 32 * 32, 32):
            mix(i, i + 16, i - 125)
        mix(n - 16, n - 32, 103)
    return (avalanche(low + high & M64),
            -avalanche((low * P64_1 + high * P64_4 + n * P64_2) & M64) & M64)


def accumulate_stripes(acc, data, key, scramble):
    """Add whole stripes; after every block of 16 scramble if asked. The products are made in bulk."""
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(key, "little")
    halves = struct.unpack("<%dI" % (len(data) // 4), mixed.to_bytes(len(data), "little"))
    words = struct.unpack("<%dQ" % (len(data) // 8), data)
    products = list(map(mul, halves[0::2], halves[1::2]))
    for at in range(0, len(words), 128):
        end = min(at + 128, len(words))
        for i in range(8):
            acc[i] = acc[i] + sum(products[at + i:end:8]) + sum(words[at + (i ^ 1):end:8]) & M64
        if scramble:
            for i in range(8):
                a = acc[i]
                acc[i] = (a ^ a >> 47 ^ r64(SECRET, 128 + 8 * i)) * P32_1 & M64


def long(data, n):
    data = bytes(data)
    acc = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]
    blocks = (n - 1) // BLOCK
    for at in range(0, blocks, SLAB):
        count = min(SLAB, blocks - at)
        accumulate_stripes(acc, data[at * BLOCK:(at + count) * BLOCK], BLOCK_KEY * count, True)
    rest = (n - 1 - blocks * BLOCK) // 64 * 64
    accumulate_stripes(acc, data[blocks * BLOCK:blocks * BLOCK + rest], BLOCK_KEY[:rest], False)
    accumulate_stripes(acc, data[n - 64:], SECRET[121:185], False)

    def merge(key, start):
        for i in range(4):
            start += fold(acc[2 * i] ^ r64(SECRET, key + 16 * i), acc[2 * i + 1] ^ r64(SECRET, key + 16 * i + 8))
        return avalanche(start & M64)

    return merge(11, n * P64_1 & M64), merge(117, ~(n * P64_2) & M64)


# Canonical JSON (section 9) -------------------------------------------------------------------------------------------


def es_number(x):
    """A number as ECMAScript prints it; -0 as -0."""
    if isinstance(x, int) and abs(x) < 2 ** 53:
        return str(x)
    x = float(x)
    if not math.isfinite(x):
        raise ValueError("a number that is not finite")
    if x == 0:
        return "-0" if math.copysign(1, x) < 0 else "0"
    sign, digits, exponent = decimal.Decimal(repr(x)).normalize().as_tuple()
    text, n = "".join(map(str, digits)), len(digits) + exponent
    if len(text) <= n <= 21:
        text += "0" * (n - len(text))
    elif 0 < n <= 21:
        text = text[:n] + "." + text[n:]
    elif -6 < n <= 0:
        text = "0." + "0" * -n + text
    else:
        text = text[0] + ("." + text[1:] if len(text) > 1 else "") + "e%+d" % (n - 1)
    return "-" + text if sign else text


def canonical(value, depth=0):
    """Canonical JSON as text."""
    if isinstance(value, (dict, list)) and depth >= 64:
        raise ValueError("nested deeper than 64")
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + canonical(value[k], depth + 1)
                              for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(v, depth + 1) for v in value) + "]"
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return json.dumps(value, ensure_ascii=False)
    return es_number(value)


def parse_json(data):
    """JSON with -0 kept; NaN and the infinities become null, which is not canonical either."""
    return json.loads(bytes(data).decode("utf-8"), parse_constant=lambda name: None,
                      parse_int=lambda s: -0.0 if s == "-0" else int(s))


def parse_canonical(data, file, offset, what):
    """Parse JSON and hold it against its own canonical form."""
    try:
        value = parse_json(data)
        again = canonical(value).encode("utf-8")
    except (ValueError, OverflowError, RecursionError) as error:
        raise Violation(file, offset, what, "canonical JSON", error) from None
    expect(file, offset, what + " is not canonical JSON", again, bytes(data))
    return value


# The world: stores, columns, chunks (sections 2 and 8) ----------------------------------------------------------------

WIDTH = {"u8": 1, "i8": 1, "u16": 2, "i16": 2, "f16": 2, "u32": 4, "i32": 4, "f32": 4, "u64": 8, "i64": 8, "f64": 8,
         "uuid": 16, "h3": 8}
WORD = {1: "B", 2: "H", 4: "I", 8: "Q"}
STRUCT = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "f16": "e", "u32": "I", "i32": "i", "f32": "f",
          "u64": "Q", "i64": "q", "f64": "d"}
KEYS = [name for name in WIDTH if name[0] != "f"] + ["utf8"]
GROWING = ("table", "edges", "log")
SLOTS, PART_ROWS, PART_BYTES = 1 << 24, 1 << 16, 64 << 20      # of a growing store, and of one part of it
DIFFERENCES, SECOND = (6, 7), 7                                 # column blocks, and which of them follow others


class Type:
    """The type of a column: `width` of a row and `unit` of encodings in bytes, both 0 when lengths vary."""

    def __init__(self, name):
        vector = re.fullmatch(r"([a-z0-9]+)\[([1-9][0-9]*)\]", name)
        self.name, self.number, self.count = name, vector[1] if vector else name, int(vector[2]) if vector else 1
        self.unit = WIDTH.get(self.number, 0)
        self.width, self.vector = self.unit * self.count, bool(vector)
        if self.number not in (STRUCT if vector else (*WIDTH, "utf8", "json", "bytes")) or self.width > 65536:
            raise ValueError("type " + name)

    def nothing(self, rows):
        return bytearray(rows * self.width) if self.width else [b""] * rows

    def words(self, data):
        """The rows of a column: integers, or values of any length."""
        if self.width in WORD:
            return memoryview(data).cast(WORD[self.width])
        return data if not self.width else [int.from_bytes(data[at:at + self.width], "little")
                                            for at in range(0, len(data), self.width)]

    def pack(self, words):
        if self.width in WORD:
            return array(WORD[self.width], words).tobytes()
        if self.width:
            return b"".join(word.to_bytes(self.width, "little") for word in words)
        return b"".join(struct.pack("<I", len(v)) + v for v in words)


class Store:
    """One store of the world. `number` is its digest number, None when digests do not cover it.

    `sort` says where its content is found: "state" from tick to tick, "log" in the frames of each tick,
    "static" in those of the first, "derived" nowhere.
    """

    def __init__(self, spec):
        self.name, self.role, self.kind = spec["name"], spec["role"], spec["kind"]
        self.grows, self.shape, self.chunk = self.kind in GROWING, [1], [1]
        self.sort = "log" if self.kind == "log" else self.role if self.role in ("static", "derived") else "state"
        if self.role not in ("causal", "observed", "static", "derived") or self.kind == "log" and \
                self.role not in ("causal", "observed"):
            raise ValueError("role %s of %s" % (self.role, self.name))
        if self.kind == "grid":
            self.shape, self.chunk = spec["shape"], spec["chunk"]
            if len(self.shape) != len(self.chunk) or not all(isinstance(n, int) and n > 0
                                                             for n in self.shape + self.chunk):
                raise ValueError("shape and chunk of " + self.name)
            columns = [{"name": self.name, "type": spec["type"]}]
            if spec["type"] not in STRUCT:
                raise ValueError("type %s of the grid %s" % (spec["type"], self.name))
        elif self.kind == "value" or self.grows:
            columns = [{"name": "$live", "type": "u8"}] * self.grows + spec["columns"]
        else:
            raise ValueError("kind " + str(self.kind))
        self.names, self.columns = [c["name"] for c in columns], [Type(c["type"]) for c in columns]
        self.rows, self.recorded = 0 if self.grows else math.prod(self.shape), self.role != "derived"
        types = {c["name"]: c["type"] for c in columns}
        self.key = {"table": spec.get("key"), "edges": ["from", "to"]}.get(self.kind, [])
        self.key_types = [types[name] for name in self.key]
        if not set(self.key_types) <= set(KEYS) or (self.kind == "table" and not self.key) or \
                self.kind == "edges" and self.names[1:3] != self.key:
            raise ValueError("key of " + self.name)
        self.grid = [-(-s // c) for s, c in zip(self.shape, self.chunk)]
        self.maps = {}

    def nothing(self):
        """The columns in the state in which every bit is zero: bytearrays, lists of bytes where lengths vary."""
        return [kind.nothing(self.rows) for kind in self.columns] if self.recorded else []

    def grow(self, columns, rows):
        """Make room for so many rows in all columns."""
        more = rows - len(columns[0])
        for kind, column in zip(self.columns, columns if more > 0 else []):
            column.extend(kind.nothing(more))

    def used(self, columns):
        """The columns up to the last row that lives; room behind it is no state."""
        if not self.grows or not self.recorded:
            return columns
        rows = len(columns[0].rstrip(b"\0"))
        return [column[:rows * (kind.width or 1)] for kind, column in zip(self.columns, columns)]

    def chunk_rows(self, number):
        """The rows of a chunk as rows of the whole store (section 5), or None when there is no such chunk."""
        if self.kind != "grid" or number >= math.prod(self.grid):
            return None
        if number not in self.maps:
            rest, place = number, []
            for count in reversed(self.grid):
                rest, at = divmod(rest, count)
                place.insert(0, at)
            rows = [0]
            for at, step, size in zip(place, self.chunk, self.shape):
                axis = range(at * step, min((at + 1) * step, size))
                rows = [row * size + i for row in rows for i in axis]
            self.maps[number] = array("I", rows)
        return self.maps[number]


class World:
    """The world in a segment's header (section 2), with the schema hash (section 8)."""

    def __init__(self, data, file, offset):
        self.json = bytes(data)
        value = parse_canonical(data, file, offset, "the world")
        try:
            self.stores = [Store(spec) for spec in value["stores"]]
            self.name, self.eras = value["name"], value["eras"]
            self.counted = [s for s in self.stores if s.role in ("causal", "static")]
            specs = [spec for spec in value["stores"] if spec["role"] in ("causal", "static")]
            self.check_random(value["stores"][-1])
            self.check_ends([spec for spec in value["stores"] if spec["kind"] == "edges"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise Violation(file, offset, "the world", "a world as in section 2", repr(error)) from None
        for store in self.stores:
            store.number = self.counted.index(store) if store in self.counted else None
        self.static = {s.number for s in self.counted if s.sort == "static"}
        self.schema = hashlib.sha256(canonical(specs).encode()).digest()[:16]

    @staticmethod
    def check_random(spec):
        """The last store is $random: four u32 columns for each stream."""
        names = [c["name"] for c in spec["columns"]]
        parts = [".a", ".b", ".c", ".counter"]
        streams = [n[:-2] for n in names[0::4]]
        if (spec["name"], spec["kind"], spec["role"]) != ("$random", "value", "causal") \
                or names != [s + p for s in streams for p in parts] \
                or any(c["type"] != "u32" for c in spec["columns"]):
            raise ValueError("the last store is not a well-formed $random")

    def check_ends(self, edges):
        """What an end of edges holds has the type that it names, or that of the key of the table that it names."""
        for spec, end, column in ((spec, end, i) for spec in edges for i, end in enumerate(("from", "to"))):
            keys = [s.key_types for s in self.stores if s.name == spec[end] and s.kind == "table"]
            wanted = [spec[end]] if spec[end] in KEYS else keys[0] if keys else []
            if wanted != [spec["columns"][column]["type"]]:
                raise ValueError("the end %s of %s" % (end, spec["name"]))

    def nothing(self):
        return [store.nothing() for store in self.stores]

    def has(self, sort):
        return any(store.sort == sort for store in self.stores)

    def chain(self, before, tick, digests):
        """h(t) from h(t') and the d(t, s)."""
        return xxh128(before + struct.pack("<Q", tick)
                      + b"".join(struct.pack("<I", n) + digests[n] for n in sorted(digests)))

    def state_digest(self, state, static):
        """The state digest: all that differs from nothing but logs. `static`: the d of static stores by number."""
        parts = dict(static)
        for store, columns in zip(self.stores, state):
            if store.sort != "state" or store.number is None:
                continue
            found = []
            for number, (kind, column) in enumerate(zip(store.columns, columns)):
                words = kind.words(column)
                rows = list(compress(range(len(words)), words))
                if rows:
                    found.append(change_bytes(number, kind, rows, list(compress(words, words))))
            if found:
                parts[store.number] = xxh128(b"".join(found))
        return xxh128(self.schema + b"".join(struct.pack("<I", n) + parts[n] for n in sorted(parts)))

    def sha256(self, state, sort="state"):
        """SHA-256 of the stores of one sort in the world's order, column by column, rows up to the last that lives.

        Of a fixed width the bytes as they are, of variable lengths each length as u32 and the bytes.
        """
        digest = hashlib.sha256()
        for store, columns in zip(self.stores, state):
            if store.sort == sort:
                for kind, column in zip(store.columns, store.used(columns)):
                    digest.update(column if kind.width else kind.pack(column))
        return digest.hexdigest()


def change_bytes(number, kind, rows, news):
    """One column of the canonical changes (section 8), span by span. `news`: words as integers, or bytes."""
    out, begin = [], 0
    while begin < len(rows):
        span = rows[begin] >> 16
        end = bisect_left(rows, span + 1 << 16, begin)
        offsets = array("H", [row & 0xFFFF for row in rows[begin:end]]).tobytes()
        out += [struct.pack("<III", number, span, end - begin), offsets, kind.pack(news[begin:end])]
        begin = end
    return b"".join(out)


# Bytes and zstd frames ------------------------------------------------------------------------------------------------


class Cursor:
    """Reads a block from front to back and knows its place in the file."""

    def __init__(self, data, file, offset):
        self.data, self.file, self.offset, self.at = data, file, offset, 0

    def where(self):
        return self.offset + self.at

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        require(n <= self.left(), self.file, self.where(), "a field runs past its block", n, self.left())
        self.at += n
        return self.data[self.at - n:self.at]

    def sub(self, n):
        at = self.where()
        return Cursor(self.take(n), self.file, at)

    def rest(self):
        return self.take(self.left())

    def varint(self):
        value = 0
        for i in range(8):
            byte = self.take(1)[0]
            value |= (byte & 127) << 7 * i
            if byte < 128:
                require(value < 2 ** 53, self.file, self.where(), "a varint is too large", "below 2^53", value)
                return value
        raise Violation(self.file, self.where(), "a varint is too long", "at most 8 bytes", "more")

    def varints(self, count):
        plain = self.data[self.at:self.at + count]
        if len(plain) == count and plain.isascii():             # all of one byte, the usual case
            self.at += count
            return list(plain)
        return [self.varint() for _ in range(count)]

    def end(self, what):
        expect(self.file, self.where(), what + " is not used up", "0 bytes left", "%d bytes left" % self.left())


class Inflater:
    """Collects the zstd frames of a segment and inflates them with few calls of the command.

    Between two frames goes a frame that holds a random mark: if each mark comes out where the raw lengths say,
    every frame gave exactly its raw length.
    """
    LIMIT = 64 << 20

    def __init__(self, file):
        self.file, self.jobs, self.out, self.waiting = file, [], {}, []

    def add(self, data, raw, offset):
        """Queue one zstd frame; the result is a function that gives its bytes after `run`."""
        used = self.frame_length(data)
        expect(self.file, offset, "length of a zstd frame", used, len(data))
        key = len(self.jobs)
        self.jobs.append((data, raw, offset))
        return lambda: self.out[key]

    @staticmethod
    def frame_length(data):
        """Walk a zstd frame (RFC 8878) and say how long it is; -1 when it is none."""
        if data[:4] != b"\x28\xb5\x2f\xfd" or len(data) < 6:
            return -1
        bits, single = data[4], data[4] >> 5 & 1
        at = 5 + (1 - single) + (0, 1, 2, 4)[bits & 3] + (single, 2, 4, 8)[bits >> 6]
        last = False
        while not last:
            if at + 3 > len(data):
                return -1
            head = int.from_bytes(data[at:at + 3], "little")
            last, kind, size = head & 1, head >> 1 & 3, head >> 3
            at += 3 + (1 if kind == 1 else size)
        return at + (4 if bits & 4 else 0)

    def start(self, work):
        """Run a generator up to where it yields, since it must know what it has queued; `run` goes on with it."""
        for _ in work:
            self.waiting.append(work)
            return

    def run(self):
        while len(self.out) < len(self.jobs) or self.waiting:
            batch, size = [], 0
            for key in range(len(self.out), len(self.jobs)):
                batch.append(key)
                size += self.jobs[key][1]
                if size > self.LIMIT:
                    self.inflate(batch)
                    batch, size = [], 0
            self.inflate(batch)
            waiting, self.waiting = self.waiting, []
            for work in waiting:
                self.start(work)

    def inflate(self, keys):
        if not keys:
            return
        mark = os.urandom(16)
        frame = b"\x28\xb5\x2f\xfd\x20\x10\x81\x00\x00" + mark  # one raw block of 16 bytes
        ask = b"".join(chain.from_iterable((self.jobs[k][0], frame) for k in keys))
        done = subprocess.run(["zstd", "-dcq"], input=ask, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, at, good = done.stdout, 0, done.returncode == 0
        for key in keys:
            end = at + self.jobs[key][1]
            good = good and out[end:end + 16] == mark
            self.out[key] = out[at:end]
            at = end + 16
        if good and at == len(out):
            return
        if len(keys) > 1:                                       # one of them is bad: find the first
            for key in keys:
                self.inflate([key])
        found = "%d bytes" % max(0, len(out) - 16) if done.returncode == 0 else done.stderr.decode(errors="replace")
        _, raw, offset = self.jobs[keys[0]]
        raise Violation(self.file, offset, "a zstd frame", "%d bytes" % raw, found.strip())


# Bodies of deltas and keyframes (section 5) ---------------------------------------------------------------------------


class Change:
    """What one part says of one column: rows of the whole store with words (bytes), or with old and new values.

    The words are old XOR new, or where `adds` new - old, as `Differences` leaves them. `place` is store, chunk, column;
    `listed` what the index block says: row numbers of the chunk, or None for all.
    """

    def __init__(self, place, kind, listed, rows, encoding, words=None, olds=None, news=None, offset=0):
        self.place, self.store, self.column, self.kind, self.offset = place, place[0], place[2], kind, offset
        self.listed, self.rows, self.encoding, self.adds = listed, rows, encoding, encoding in DIFFERENCES
        self.words, self.olds, self.news = words, olds, news

    def differs(self):
        """For each row something true if its bits changed."""
        if self.words is None:
            return [old != new for old, new in zip(self.olds, self.news)]
        return self.kind.words(self.words)

    def step(self, state, forward, file):
        """Apply to the state, forwards or backwards."""
        target, width = state[self.store][self.column], self.kind.width
        if self.words is None:
            for row, old, new in zip(self.rows, self.olds, self.news):
                before, after = (old, new) if forward else (new, old)
                expect(file, self.offset, "the value that is replaced", before, target[row])
                target[row] = after
        elif self.adds:
            self.add(target, forward)
        elif len(self.words) == len(target):                    # all rows: XOR the whole column at once
            both = int.from_bytes(target, "little") ^ int.from_bytes(self.words, "little")
            target[:] = both.to_bytes(len(target), "little")
        elif width in WORD:
            view = self.kind.words(target)
            for row, word in zip(self.rows, self.differs()):
                view[row] ^= word
        else:
            for at, word in zip((row * width for row in self.rows), self.differs()):
                word ^= int.from_bytes(target[at:at + width], "little")
                target[at:at + width] = word.to_bytes(width, "little")

    def add(self, target, forward):
        """new = old + d; the way back, old = new - d: unit by unit, modulo its width."""
        code, count, top = WORD[self.kind.unit], self.kind.count, 1 << 8 * self.kind.unit
        units, moves = memoryview(target).cast(code), memoryview(self.words).cast(code)
        sign, at = 1 if forward else -1, 0
        for row in self.rows:
            for unit in range(row * count, (row + 1) * count):
                units[unit] = (units[unit] + sign * moves[at]) % top
                at += 1


class Differences:
    """Turns the blocks 6 and 7 of a segment's deltas into differences, from delta to delta in order of the file."""

    def __init__(self, segment):
        self.file, self.last = segment.name, {}
        keyframes = [f for f in segment.frames if f.kind == KEYFRAME]
        self.first = keyframes[0].offset if keyframes else segment.size
        self.named = {f.tick for f in keyframes}

    def take(self, unit):
        f, here, met = unit.frame, {}, {}
        stands_alone = f.kind == KEYFRAME or f.offset < self.first or f.tick - f.base in self.named
        for change in unit.changes:
            if change.words is None:
                continue
            number = met[change.place] = met.get(change.place, -1) + 1
            if not change.adds:
                continue
            allowed = f.kind == DELTA and unit.segment.world.stores[change.store].sort == "state"
            require(allowed, self.file, change.offset, "encoding of what changes from nothing", "0 or 1",
                    change.encoding)
            before = self.last.get((change.place, number))
            if change.encoding == SECOND:
                require(not stands_alone, self.file, change.offset, "a second difference in tick %d" % f.tick,
                        "none, the delta stands alone", SECOND)
                require(before and before.listed == change.listed, self.file, change.offset,
                        "what the second differences of tick %d follow" % f.tick,
                        "differences of the same rows in the tick before", "other rows" if before else "none")
            self.unfold(change, before)
            here[change.place, number] = change
        if f.kind == DELTA:
            self.last = here

    @staticmethod
    def unfold(change, before):
        """z(d), or z(d - d') with the d' of the change before, becomes d."""
        code, top = WORD[change.kind.unit], 1 << 8 * change.kind.unit
        moves = [z >> 1 if z & 1 == 0 else -(z >> 1) - 1 for z in memoryview(change.words).cast(code)]
        if change.encoding == SECOND:
            moves = [move + old for move, old in zip(moves, memoryview(before.words).cast(code))]
        change.words = array(code, [move % top for move in moves]).tobytes()


def parse_body(world, cursor, inflater):
    """Read tables and blocks; the result is the digests and functions that give the changes after inflating."""
    digests, parts, late = {}, [], []
    for _ in range(cursor.varint()):
        at, number = cursor.where(), cursor.varint()
        require(number < len(world.counted) and number > max(digests, default=-1), cursor.file, at,
                "digest number", "rising and below %d" % len(world.counted), number)
        digests[number] = bytes(cursor.take(16))
    for _ in range(cursor.varint()):
        at = cursor.where()
        store, chunk, rows, index = (cursor.varint() for _ in range(4))
        columns = [(cursor.varint(), cursor.varint()) for _ in range(cursor.varint())]
        require(store < len(world.stores), cursor.file, at, "store of a part", "below %d" % len(world.stores), store)
        spec = world.stores[store]
        require(spec.recorded, cursor.file, at, "store of a part", "a recorded one", "the derived " + spec.name)
        require(not spec.grows or index and 1 <= rows <= PART_ROWS, cursor.file, at, "rows of a part of " + spec.name,
                "1 to %d, listed" % PART_ROWS, "%d, index of %d bytes" % (rows, index))
        require(not parts or store >= parts[-1][0], cursor.file, at, "store of a part", "in order", store)
        numbers = [c for c, _ in columns]
        require(numbers == sorted(set(numbers)) and (not numbers or numbers[-1] < len(spec.columns)),
                cursor.file, at, "columns of a part", "rising, all in the store", numbers)
        parts.append((store, chunk, rows, index, columns, at))
    for store, chunk, rows, index, columns, at in parts:
        spec = world.stores[store]
        places = range(SLOTS if spec.grows else spec.rows) if chunk == 0 else spec.chunk_rows(chunk - 1)
        require(places is not None, cursor.file, at, "chunk of a part", "a chunk of the store", chunk)
        give_listed = parse_index(cursor.sub(index), rows, len(places), inflater)
        for column, length in columns:
            require(not spec.grows or rows * spec.columns[column].width <= PART_BYTES, cursor.file, at,
                    "column %d of a part of %s" % (column, spec.name), "at most %d bytes" % PART_BYTES, "more")
            block = cursor.sub(length)
            give = (parse_numbers if spec.columns[column].width else parse_values)(
                block, spec.columns[column], rows, inflater)
            late.append(((store, chunk, column), spec.columns[column], places, give_listed, give, block.offset))
    cursor.end("the body")
    return digests, late


def parse_index(block, rows, end, inflater):
    """An index block: a function that gives the row numbers, below `end`, or None for all."""
    if block.left() == 0:
        expect(block.file, block.where(), "rows of a part without an index", end, rows)
        return lambda: None
    at, encoding = block.where(), block.take(1)[0]
    require(encoding in (1, 2), block.file, at, "encoding of an index block", "1 or 2", encoding)
    if encoding == 1:
        data = block.rest()
        payload = lambda: data
    else:
        raw = block.varint()
        require(raw <= 5 * rows, block.file, at, "raw length of an index block", "at most %d" % (5 * rows), raw)
        payload = inflater.add(block.rest(), raw, block.where())

    def give():
        cursor = Cursor(payload(), block.file, at)
        local = [n - 1 for n in accumulate(n + 1 for n in cursor.varints(rows))]
        cursor.end("an index block")
        require(not local or local[-1] < end, block.file, at, "last row of a part", "below %d" % end,
                local and local[-1])
        return local

    return give


def parse_numbers(block, kind, rows, inflater):
    """A column block of a fixed width: a function that gives the encoding and the words as bytes."""
    at, encoding, units = block.where(), block.take(1)[0], rows * kind.count
    known = (0, 1, *DIFFERENCES) if kind.unit in WORD else (0, 1)
    require(encoding in known, block.file, at, "encoding of a column of " + kind.name, " or ".join(map(str, known)),
            encoding)
    if encoding == 0:
        expect(block.file, at, "length of words", rows * kind.width, block.left())
        words = block.rest()
        return lambda: (encoding, words)
    planes = []
    inflater.start(parse_planes(block, kind.unit, units, inflater, planes))

    def give():
        words = bytearray(rows * kind.width)
        for i, plane in enumerate(planes):
            words[i::kind.unit] = plane()
        return encoding, bytes(words)

    return give


def parse_planes(block, count, units, inflater, planes):
    """The planes of a block, as functions; yields where a map that is packed must be known to go on."""
    while len(planes) < count:
        at, shape = block.where(), block.take(1)[0]
        require(shape < 4, block.file, at, "kind of plane", "0, 1, 2 or 3", shape)
        if shape == 0:
            planes.append(lambda plane=block.take(units): plane)
        elif shape == 1:
            planes.append(lambda plane=block.take(1) * units: plane)
        elif shape == 2:
            planes.append(parse_packed(block, block.varint(), units, inflater))
        else:
            give_map = parse_half(block, -(-units // 8), inflater)
            if give_map.waits:
                yield
            bits = int.from_bytes(give_map(), "little")
            expect(block.file, at, "bits of a map behind its %d bytes" % units, 0, bits >> units)
            planes.append(sparse(bits, units, parse_half(block, bin(bits).count("1"), inflater)))
    block.end("a column block")


def parse_packed(block, stored, raw, inflater):
    """A zstd frame of `stored` bytes that holds `raw`."""
    at = block.where()
    return inflater.add(block.take(stored), raw, at)


def parse_half(block, length, inflater):
    """Half of a sparse plane: packed or as it is. The function it gives `waits` if the bytes are not there yet."""
    stored = block.varint()
    if stored:
        give = parse_packed(block, stored, length, inflater)
    else:
        give = lambda half=block.take(length): half
    give.waits = stored > 0
    return give


def sparse(bits, units, give_rest):
    """A function that gives a plane of the bytes that are not zero, each where its bit is set."""
    def give():
        rest, is_set = iter(give_rest()), reversed(format(bits, "0%db" % units))
        return bytes(next(rest) if bit == "1" else 0 for bit in is_set)

    return give


def parse_values(block, kind, rows, inflater):
    """A column block of variable lengths: a function that gives the encoding, None, old values and new values."""
    at, encoding = block.where(), block.take(1)[0]
    require(encoding in (2, 3, 4, 5), block.file, at, "encoding of a column of " + kind.name, "2, 3, 4 or 5", encoding)
    if encoding in (2, 4):
        data = block.rest()
        payload = lambda: data
    else:
        raw = block.varint()
        require(raw <= PART_BYTES, block.file, at, "raw length of values", "at most %d" % PART_BYTES, raw)
        payload = inflater.add(block.rest(), raw, block.where())

    def give():
        cursor = Cursor(payload(), block.file, at)
        olds, news = (heap if encoding < 4 else dictionary)(cursor, rows)
        cursor.end("a heap or dictionary")
        for value in set(news):
            check_value(kind.name, value, block.file, at)
        return encoding, None, olds, news

    return give


def heap(cursor, rows):
    both = [bytes(cursor.take(cursor.varint())) for _ in range(2 * rows)]
    return both[0::2], both[1::2]


def dictionary(cursor, rows):
    values = [bytes(cursor.take(cursor.varint())) for _ in range(cursor.varint())]
    at, numbers = cursor.where(), cursor.varints(2 * rows)
    require(max(numbers, default=-1) < len(values), cursor.file, at, "number of a value of a dictionary",
            "below %d" % len(values), max(numbers, default=-1))
    both = [values[n] for n in numbers]
    return both[:rows], both[rows:]


def check_value(kind, value, file, offset):
    """A variable-length value is what its type says (section 2)."""
    if kind == "utf8":
        try:
            value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Violation(file, offset, "a utf8 value", "UTF-8 without surrogates", error) from None
    elif kind == "json" and value:
        require(value != b"null", file, offset, "a json value", "null as zero bytes", value)
        parse_canonical(value, file, offset, "a json value")


# Frames, their order, and segments (sections 3, 4, 6, 7) --------------------------------------------------------------

SEGMENT_MAGIC, TRAILER_MAGIC = b"\x89EVT\r\n\x1a\n", b"SEAL\r\n\x1a\n"
KEYFRAME, DELTA, GAP, MARK, EPOCH, SEAL = 2, 3, 4, 134, 7, 8
CONTINUED, HAS_STATE, REQUIRED = 1, 2, 4
HEAD = struct.Struct("<4sIBBHIQddIIII16s16sII")
LONGEST = (64 << 20) + 96


class Frame:
    """The header of a frame (section 4)."""

    def __init__(self, data, offset):
        (self.magic, self.length, self.kind, self.flags, self.era, self.epoch, self.tick, self.time, self.wall,
         self.base, self.durable, self.changed, self.before, self.history, self.state, self.body_sum,
         self.head_sum) = HEAD.unpack_from(data, offset)
        self.times = data[offset + 24:offset + 40]
        self.offset = offset

    def records(self):
        """Does the frame record a tick?"""
        return self.kind == DELTA or self.kind == KEYFRAME and bool(self.flags & REQUIRED)


class Order:
    """The order of section 4, held from frame to frame and from segment to segment."""

    def __init__(self, alone=False):
        self.alone, self.begun, self.last, self.covered, self.epoch = alone, alone, None, None, 0

    def enter(self, segment):
        self.first, self.recorded, self.group = segment.first, set(), None
        self.epoch = max(self.epoch, segment.epoch)

    def fault(self, f):
        """Why this frame may not stand here, or None."""
        if self.group:
            g = self.group
            return None if (f.kind, f.tick) == (g.kind, g.tick) else "a continued group is broken off"
        if not self.begun and not (f.kind == KEYFRAME and f.flags & REQUIRED):
            return "the first frame of a journal is not a required keyframe"
        if f.records() or f.kind == GAP:
            if f.tick < self.first or self.covered is not None and f.tick <= self.covered:
                return "tick %d is not above what is before it" % f.tick
        if f.kind == DELTA and not (f.base and self.last in (f.tick - f.base, None)):
            return "a delta to %d does not start from the last tick %s but %d below" % (f.tick, self.last, f.base)
        if f.kind == GAP and not (f.base and self.covered in (f.tick - f.base, None)):
            return "a gap to %d does not start from the last tick or gap %s" % (f.tick, self.covered)
        if f.kind == KEYFRAME and not f.flags & REQUIRED and f.tick not in self.recorded:
            return "a redundant keyframe names tick %d, which this segment does not record before" % f.tick
        return None

    def accept(self, f):
        self.begun, self.epoch = True, f.epoch
        if f.flags & CONTINUED:
            self.group = self.group or f
            return
        self.group = None
        if f.records():
            self.last = self.covered = f.tick
            self.recorded.add(f.tick)
        elif f.kind == GAP:
            self.covered = f.tick


class Unit:
    """A frame, or a whole continued group, with its decoded changes. What a group says stands in its last frame."""

    def __init__(self, segment, frames):
        self.segment, self.frames, self.frame = segment, frames, frames[-1]
        self.digests, self.changes, self.late = {}, [], []

    def step(self, state, forward=True, logs=False):
        """Apply all but logs, or the logs alone, which are part of no state."""
        for change in (self.changes if forward else reversed(self.changes)):
            store = self.segment.world.stores[change.store]
            if (store.sort == "log") == logs:
                if store.grows:
                    store.grow(state[change.store], change.rows[-1] + 1)
                change.step(state, forward, self.segment.name)

    def with_logs(self, state):
        """The state and the rows that the tick appended."""
        whole = [store.nothing() if store.sort == "log" else columns
                 for store, columns in zip(self.segment.world.stores, state)]
        self.step(whole, logs=True)
        return whole

    def changed_digests(self, state):
        """All d(t, s) by digest number, and the number of changed elements outside $random; `state` is at the tick."""
        world, by_column, out, count = self.segment.world, {}, {}, 0
        for change in self.changes:
            by_column.setdefault((change.store, change.column), []).append(change)
        parts, touched = {}, {}
        for (store, column), changes in sorted(by_column.items()):
            rows = list(chain.from_iterable(compress(c.rows, c.differs()) for c in changes))
            if len(changes) > 1:
                rows.sort()
                require(len(set(rows)) == len(rows), self.segment.name, changes[0].offset, "rows of one column",
                        "each row once", "a row in two parts")
            if rows:
                kind, words = changes[0].kind, changes[0].kind.words(state[store][column])
                parts.setdefault(store, []).append(change_bytes(column, kind, rows, [words[r] for r in rows]))
                touched.setdefault(store, set()).update(rows)
                count += len(rows) if world.stores[store].name != "$random" else 0
        for store, found in parts.items():
            self.check_rows(world.stores[store], state[store], touched[store])
            if world.stores[store].number is not None:
                out[world.stores[store].number] = xxh128(b"".join(found))
        return out, min(count, M32)

    def check_rows(self, store, columns, touched):
        """Where no row lives all columns are nothing; the rows of a log follow each other from 0 (section 2)."""
        if not store.grows:
            return
        where, live = (self.segment.name, self.frame.offset), columns[0]
        require(all(live[r] < 2 for r in touched), *where, "$live of " + store.name, "0 or 1", "another")
        dead = [r for r in touched if not live[r]]
        for name, kind, column in zip(store.names, store.columns, columns):
            words = kind.words(column) if dead else ()
            require(not any(words[r] for r in dead), *where, "%s of %s where no row lives" % (name, store.name),
                    "nothing", "something")
        require(store.kind != "log" or not dead and all(live), *where, "rows of the log " + store.name,
                "from 0 on, each lives", "a hole")
        by_name = {n: kind.words(c) for n, kind, c in zip(store.names, store.columns, columns) if n in store.key}
        keys = list(compress(zip(*(by_name[n] for n in store.key)), live))
        require(len(set(keys)) == len(keys), *where, "keys of " + store.name, "each once", "a key twice")

    def check(self, state, static):
        """Hold digests, changed elements and state digest against the state at the tick; gives the d(t, s).

        `static` are the d of the static stores, which the first tick gives and every keyframe lists.
        """
        name, world, f = self.segment.name, self.segment.world, self.frame
        digests, count = self.changed_digests(self.with_logs(state))
        for change in self.changes:
            sort, offset = world.stores[change.store].sort, change.offset
            require(sort != "static" or self.is_first(), name, offset, "tick of a part of a static store", "the first",
                    f.tick)
            require(sort != "log" or f.records(), name, offset, "frame of a part of a log", "one that records a tick",
                    "kind %d, flags %d" % (f.kind, f.flags))
        if self.is_first():
            static.update((n, d) for n, d in digests.items() if n in world.static)
        listed = {**static, **digests} if f.kind == KEYFRAME else digests
        expect(name, f.offset + 96, "digests of tick %d" % f.tick, hexes(listed), hexes(self.digests))
        expect(name, f.offset + 48, "changed elements of tick %d" % f.tick, count if f.records() else 0, f.changed)
        if f.flags & HAS_STATE:
            expect(name, f.offset + 72, "state digest at tick %d" % f.tick, world.state_digest(state, static), f.state)
        return digests

    def is_first(self):
        """Does this record the first tick of the journal?"""
        s = self.segment
        return s.history == s.world.schema and self.frame is next(
            f for f in s.frames if f.records() and not f.flags & CONTINUED)

    def check_before(self, history):
        """The frames of a group before the last repeat the history digest from before the tick."""
        for g in self.frames[:-1]:
            expect(self.segment.name, g.offset + 56, "history digest, the group goes on", history, g.history)


def hexes(digests):
    return {number: digest.hex() for number, digest in sorted(digests.items())}


class Segment:
    """A segment file: its header, then `scan` for its valid frames, then `units` for what they say."""
    decoded = None                                              # the segment whose units are kept in memory

    def __init__(self, path, name):
        self.name, self.frames, self.sealed, self.why = name, [], False, ""
        with open(path, "rb") as file:
            self.data = file.read()
        self.size = len(self.data)
        self.read_header()

    def read_header(self):
        """Section 3."""
        data, name = self.data, self.name
        require(self.size >= 116, name, 0, "length of a segment", "at least 116 bytes", self.size)
        expect(name, 0, "magic of a segment", SEGMENT_MAGIC, data[:8])
        version, layout, self.start = struct.unpack_from("<HHI", data, 8)
        expect(name, 8, "format version", 0, version)
        expect(name, 10, "layout id", 0, layout)
        self.uuid = data[16:32]
        (self.number, self.generation, self.first, self.planned, self.epoch, length, self.history,
         self.world_hash) = struct.unpack_from("<IIQQII16s32s", data, 32)
        expect(name, 12, "length of the segment header", 116 + length, self.start)
        require(self.start <= self.size, name, 12, "length of the segment header", "within the file", self.start)
        expect(name, self.start - 4, "checksum of the segment header", zlib.crc32(data[:self.start - 4]),
               int.from_bytes(data[self.start - 4:self.start], "little"))
        require(self.first < 2 ** 53, name, 40, "first tick", "a safe integer", self.first)
        require(self.size <= M32, name, 0, "length of a segment", "at most 2^32 - 1", self.size)
        world = data[112:112 + length]
        expect(name, 80, "world hash", hashlib.sha256(world).digest(), self.world_hash)
        self.world = World(world, name, 112)
        self.place = data[16:40]

    def head_ok(self, f):
        place = self.place + struct.pack("<II", f.epoch, f.offset)
        return f.magic == b"TICK" and zlib.crc32(self.data[f.offset:f.offset + 92], zlib.crc32(place)) == f.head_sum

    def body_ok(self, f):
        place = self.place + struct.pack("<II", f.epoch, f.offset)
        return zlib.crc32(self.data[f.offset + 96:f.offset + f.length], zlib.crc32(place)) == f.body_sum

    def fault(self, f, order):
        """Why a frame is not valid (section 6), or None. One that no crash makes is refused at once."""
        if f.magic != b"TICK":
            return "no frame magic"
        if not 96 <= f.length <= min(LONGEST, self.size - f.offset):
            return "frame length %d" % f.length
        if not self.head_ok(f):
            return "wrong header checksum"
        if not self.body_ok(f):
            return "wrong body checksum"
        before = self.frames[-1].head_sum if self.frames else 0
        if f.before != before:
            return "checksum of the frame before is %08x, not %08x" % (f.before, before)
        if f.epoch < order.epoch:
            return "epoch %d after %d" % (f.epoch, order.epoch)
        known = f.kind in (KEYFRAME, DELTA, GAP, EPOCH, SEAL) or f.kind >= 128
        require(known, self.name, f.offset + 8, "kind of frame", "a known kind", f.kind)
        require(not f.flags & ~7, self.name, f.offset + 9, "flags", "1, 2, 4", f.flags)
        wrong = order.fault(f)
        require(wrong is None, self.name, f.offset, "order of frames", "as in section 4", wrong)
        return None

    def scan(self, order):
        """Read frames from the header's end; decide on the end of the segment (section 6)."""
        order.enter(self)
        at = self.start
        while not self.sealed:
            f = Frame(self.data, at) if at + 96 <= self.size else None
            fault = self.fault(f, order) if f else "%d bytes are no frame" % (self.size - at) if at < self.size else ""
            if f is None or fault:
                break
            order.accept(f)
            self.frames.append(f)
            self.sealed = f.kind == SEAL
            at += f.length
        self.end = order.group.offset if order.group else at
        self.why = fault or ("a continued group has no last frame" if order.group else "")
        if not self.sealed and at < self.size:
            self.check_damage(at, order.epoch, fault)
        while order.group and self.frames and self.frames[-1].offset >= self.end:
            self.frames.pop()
        order.group = None
        self.torn = 0 if self.sealed else self.size - self.end

    def check_damage(self, x, epoch, fault):
        """Refuse if the bytes at x were acknowledged, or if the file ends in a good seal that stands above x."""
        at = self.data.find(b"TICK", x + 1)
        while 0 <= at <= self.size - 96:
            f = Frame(self.data, at)
            if f.epoch >= epoch and self.head_ok(f):
                proof = ""
                if f.durable > x:
                    proof = "the frame at %d says that %d bytes were durable" % (at, f.durable)
                elif f.kind == SEAL and at + f.length == self.size and self.body_ok(f):
                    proof = "the file ends in the seal at %d" % at
                require(not proof, self.name, x, "damage: " + fault, "a valid frame, since " + proof,
                        self.data[x:x + 16])
            at = self.data.find(b"TICK", at + 1)

    def check_frames(self):
        """What sections 4 and 7 say of single frames beyond what makes them valid."""
        name, known = self.name, [f for f in self.frames if f.kind in (KEYFRAME, DELTA, GAP, MARK, EPOCH, SEAL)]
        for f in known:
            require(not f.flags & REQUIRED or f.kind == KEYFRAME, name, f.offset + 9, "flag 4", "a keyframe", f.kind)
            require(not f.flags & CONTINUED or f.kind in (KEYFRAME, DELTA), name, f.offset + 9, "flag 1",
                    "a keyframe or delta", f.kind)
            require(f.era < max(1, len(self.world.eras)), name, f.offset + 10, "era", "an era of the world", f.era)
            require(f.tick < 2 ** 53, name, f.offset + 16, "tick", "a safe integer", f.tick)
            require(self.start <= f.durable <= f.offset, name, f.offset + 44, "durable offset",
                    "from %d to %d" % (self.start, f.offset), f.durable)
            require(f.kind in (DELTA, GAP) or f.base == 0, name, f.offset + 40, "base distance", 0, f.base)
            require(f.kind in (DELTA, KEYFRAME) or not f.changed, name, f.offset + 48, "changed elements", 0, f.changed)
            require(f.flags & HAS_STATE or f.state == bytes(16), name, f.offset + 72, "state digest", "zero", f.state)
            body = self.data[f.offset + 96:f.offset + f.length]
            if f.kind == EPOCH:
                expect(name, f.offset + 96, "body of an epoch frame", b"", body)
            elif f.kind in (GAP, MARK):
                f.json = parse_canonical(body, name, f.offset + 96, "body")
                key = "reason" if f.kind == GAP else "name"
                require(isinstance(f.json, dict) and isinstance(f.json.get(key), str) and
                        (f.kind == MARK or len(f.json) == 1), name, f.offset + 96, "body", key + ": text", f.json)
        if self.sealed:
            self.check_seal(self.frames[-1], self.frames[:-1])

    def check_seal(self, seal, frames):
        """The index against the frames (section 7)."""
        name, at = self.name, seal.offset + 96
        require(any(f.kind == KEYFRAME for f in frames), name, seal.offset, "a sealed segment", "a keyframe", "none")
        require(seal.length >= 96 + 16, name, at, "body of a seal", "a trailer of 16 bytes", seal.length - 96)
        end = seal.offset + seal.length - 16
        expect(name, end, "trailer", struct.pack("<Q", seal.offset) + TRAILER_MAGIC, self.data[end:end + 16])
        cursor, inflater = Cursor(self.data[at:end], name, at), Inflater(name)
        expect(name, at, "frames in the index", len(frames), cursor.varint())
        raw = cursor.varint()
        give = inflater.add(cursor.rest(), raw, cursor.where())
        inflater.run()
        index, n = Cursor(give(), name, at), len(frames)
        kinds, flags, moves = index.take(n), index.take(n), index.varints(n)
        lengths, bases, changes = index.varints(n), index.varints(n), index.varints(n)
        index.end("the index")
        ticks = list(accumulate(((m >> 1) ^ -(m & 1) for m in moves), initial=self.first))[1:]
        offsets = list(accumulate(lengths, initial=self.start))
        for i, f in enumerate(frames):
            expect(name, at, "index entry %d (offset, kind, flags, tick, length, base distance, changed)" % i,
                   (f.offset, f.kind, f.flags, f.tick, f.length, f.base, f.changed),
                   (offsets[i], kinds[i], flags[i], ticks[i], lengths[i], bases[i], changes[i]))
        expect(name, at, "end of the index", seal.offset, offsets[-1])

    def units(self):
        """Frames with continued groups joined and bodies decoded; one segment at a time is kept."""
        if Segment.decoded is None or Segment.decoded[0] is not self:
            Segment.decoded = (self, self.decode())
        return Segment.decoded[1]

    def decode(self):
        units, inflater, group = [], Inflater(self.name), []
        for f in self.frames:
            group.append(f)
            if not (f.flags & CONTINUED and f.kind in (KEYFRAME, DELTA)):
                units.append(Unit(self, group))
                group = []
        for unit in units:
            if unit.frame.kind in (KEYFRAME, DELTA):
                self.join(unit, inflater)
        inflater.run()
        differences = Differences(self)
        for unit in units:
            for place, kind, places, give_listed, give, offset in unit.late:
                listed = give_listed()
                rows = places if listed is None else \
                    listed if isinstance(places, range) else [places[n] for n in listed]
                unit.changes.append(Change(place, kind, listed, rows, *give(), offset=offset))
            unit.late = []
            differences.take(unit)
        return units

    def join(self, unit, inflater):
        """Parse the bodies of a group; what must be the same in all its frames is the same."""
        last = unit.frame
        for f in unit.frames:
            expect(self.name, f.offset, "tick, base distance, era, times, flag 4 in a continued group",
                   (last.tick, last.base, last.era, last.times, last.flags & REQUIRED),
                   (f.tick, f.base, f.era, f.times, f.flags & REQUIRED))
            if f is not last:
                expect(self.name, f.offset, "changed elements and flag 2, the group goes on", (0, 0),
                       (f.changed, f.flags & HAS_STATE))
            body = Cursor(self.data[f.offset + 96:f.offset + f.length], self.name, f.offset + 96)
            digests, late = parse_body(self.world, body, inflater)
            for number, digest in digests.items():
                expect(self.name, f.offset + 96, "digest %d in a continued group" % number,
                       unit.digests.setdefault(number, digest), digest)
            unit.late += late
        require(last.kind != KEYFRAME or last.flags & HAS_STATE, self.name, last.offset + 9, "flags of a keyframe",
                "a state digest", last.flags)


# Runs (sections 1 and 2) ----------------------------------------------------------------------------------------------


class Run:
    """A run's folder: the card, and the segments that count, scanned in order."""

    def __init__(self, folder):
        self.folder = folder
        self.card = self.read_card(os.path.join(folder, "run.json"))
        self.segments = self.list_segments()
        order = Order()
        for i, segment in enumerate(self.segments):
            self.check_header(segment, self.segments[i - 1] if i else None, order)
            segment.scan(order)
            segment.check_frames()
            require(segment.sealed or i == len(self.segments) - 1, segment.name, segment.end,
                    "a segment before the last", "a seal", segment.why or "none")
        self.check_epochs()

    @staticmethod
    def read_card(path):
        require(os.path.isfile(path), "run.json", 0, "the card", "a file", "none")
        with open(path, "rb") as file:
            data = file.read()
        card = parse_canonical(data, "run.json", 0, "the card")
        require(isinstance(card, dict), "run.json", 0, "the card", "an object", type(card).__name__)
        rules = {"format": lambda v: v == 0, "id": lambda v: re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", v),
                 "uuid": lambda v: re.fullmatch(r"[0-9a-f]{32}", v), "world": lambda v: isinstance(v, dict),
                 "worldHash": lambda v: v == hashlib.sha256(canonical(card["world"]).encode()).hexdigest(),
                 "codeDigest": lambda v: v is None or re.fullmatch(r"[0-9a-f]{64}", v),
                 "seed": lambda v: isinstance(v, int) and abs(v) < 2 ** 53,
                 "params": lambda v: isinstance(v, dict), "labels": lambda v: isinstance(v, dict),
                 "sparse": lambda v: isinstance(v, bool), "parent": lambda v: v is None or isinstance(v, dict),
                 "createdAt": lambda v: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", v),
                 "checksum": lambda v: v == hashlib.sha256(canonical(
                     {k: c for k, c in card.items() if k != "checksum"}).encode()).hexdigest()}
        for field, rule in rules.items():
            try:
                good = field in card and rule(card[field])
            except TypeError:
                good = False
            require(good, "run.json", 0, "field %s of the card" % field, "as in section 2", card.get(field))
        return card

    def list_segments(self):
        """The segments of the journal that count, their names held against their headers."""
        folder, out, named = os.path.join(self.folder, "journal"), [], []
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            match = re.fullmatch(r"(\d{16})(?:-([1-9]\d*))?\.seg", name)
            require(match or not name.endswith(".seg"), "journal/" + name, 0, "name of a segment",
                    "<16 digits>[-<generation>].seg", name)
            if match:
                named.append((name, int(match[1]), int(match[2] or 0)))
        chosen = self.choose(named)
        header_bytes = 116 + len(canonical(self.card["world"]).encode())
        for i, (name, first, generation) in enumerate(chosen):
            path = os.path.join(folder, name)
            try:
                segment = Segment(path, "journal/" + name)
            except Violation:
                if i < len(chosen) - 1 or os.path.getsize(path) > header_bytes:
                    raise
                break                                           # it was being created: no history
            expect(segment.name, 36, "first tick and generation, from the name", (first, generation),
                   (segment.first, segment.generation))
            out.append(segment)
        return out

    @staticmethod
    def choose(segments):
        """Where two name the same first tick, the higher generation wins (section 1)."""
        best = {}
        for name, first, generation in segments:
            if first not in best or best[first][1] < generation:
                best[first] = (name, generation)
        return [(best[first][0], first, best[first][1]) for first in sorted(best)]

    def check_header(self, s, before, order):
        """Section 3 against the card and against the segment before."""
        expect(s.name, 16, "run uuid", self.card["uuid"], s.uuid.hex())
        expect(s.name, 80, "world hash, as on the card", self.card["worldHash"], s.world_hash.hex())
        require(s.epoch >= max(1, order.epoch), s.name, 56, "epoch", "at least %d" % max(1, order.epoch), s.epoch)
        if before:
            require(s.number not in [o.number for o in self.segments if o is not s], s.name, 32, "segment number",
                    "a new one", s.number)
            if s.generation == before.generation == 0:
                require(s.number > before.number, s.name, 32, "segment number", "above %d" % before.number, s.number)
            require(order.covered is None or s.first > order.covered, s.name, 40, "first tick",
                    "above %s" % order.covered, s.first)

    def check_epochs(self):
        """A higher epoch begins with an epoch frame, and an epoch frame begins a higher epoch (section 4)."""
        epoch = None
        for s, f in ((s, f) for s in self.segments for f in s.frames):
            if epoch is not None:
                require((f.epoch > epoch) == (f.kind == EPOCH), s.name, f.offset + 12, "epoch after %d" % epoch,
                        "a higher one in an epoch frame, the same one elsewhere", "%d, kind %d" % (f.epoch, f.kind))
            epoch = f.epoch

    def closed(self):
        """Is there a mark `closed` after all that a writer does?"""
        for f in reversed([f for s in self.segments for f in s.frames]):
            if f.kind == MARK and f.json["name"] == "closed":
                return True
            if f.records() or f.kind in (GAP, EPOCH):
                return False
        return False

    def ticks(self):
        """The last frame of each recorded tick."""
        return [f for s in self.segments for f in s.frames if f.records() and not f.flags & CONTINUED]


class Replay:
    """Section 5 and 8: the state from tick to tick forwards, all digests, and the way back."""

    def __init__(self, run, stop=None):
        self.run, self.stop, self.state, self.records, self.static = run, stop, None, {}, {}
        self.stretch, self.covered, self.gap = [], None, True
        self.history = run.segments[0].world.schema if run.segments else None
        self.done = False
        for segment in run.segments:
            expect(segment.name, 64, "history digest the segment continues from", self.history, segment.history)
            for number, unit in enumerate(segment.units()):
                self.take(unit, segment, number)
                if self.done:
                    return
        self.walk_back()

    def take(self, unit, segment, number):
        f = unit.frame
        unit.check_before(self.history)
        if f.records():
            self.record(unit, segment, number)
        elif f.kind == KEYFRAME:
            other = segment.world.nothing()
            unit.step(other)
            unit.check(other, self.static)
            expect(segment.name, f.offset, "SHA-256 of the state at tick %d, keyframe against replay" % f.tick,
                   self.records[f.tick]["stateSha256"], segment.world.sha256(other))
        elif f.kind == GAP:
            self.covered, self.gap = f.tick, True
        if f.kind in (KEYFRAME, DELTA, GAP, MARK, EPOCH, SEAL):
            expect(segment.name, f.offset + 56, "history digest at tick %d" % f.tick, self.history, f.history)

    def record(self, unit, segment, number):
        f = unit.frame
        if f.flags & REQUIRED:
            require(self.gap, segment.name, f.offset + 9, "a required keyframe", "first, or after a gap", "neither")
            self.walk_back()
            self.state, self.stretch = segment.world.nothing(), []
        require(self.run.card["sparse"] or self.covered in (None, f.tick - 1), segment.name, f.offset + 16,
                "tick after %s in a run that is not sparse" % self.covered, "the next one", f.tick)
        unit.step(self.state)
        self.history = segment.world.chain(self.history, f.tick, unit.check(self.state, self.static))
        self.covered, self.gap = f.tick, False
        self.stretch.append((segment, number))
        self.records[f.tick] = tick_record(unit, self.history, self.state)
        if unit.is_first():
            self.first = {n: [column[:] for column in columns] for n, columns in enumerate(self.state)
                          if segment.world.stores[n].sort == "static"}
            self.static_sha256 = segment.world.sha256(self.state, "static")
        self.done = f.tick == self.stop

    def state_at_stop(self):
        """The state where the replay stopped, with the tick's logs, and static stores from the first tick."""
        segment, number = self.stretch[-1]
        whole = segment.units()[number].with_logs(self.state)
        return [self.first.get(n, columns) for n, columns in enumerate(whole)]

    def walk_back(self):
        """From the last tick of a stretch back to nothing; every state is what it was on the way there."""
        if not self.stretch or self.stop is not None:
            return
        for segment, number in reversed(self.stretch):
            unit = segment.units()[number]
            expect(segment.name, unit.frame.offset, "SHA-256 of the state at tick %d, backwards" % unit.frame.tick,
                   self.records[unit.frame.tick]["stateSha256"], segment.world.sha256(self.state))
            unit.step(self.state, False)
        expect(segment.name, unit.frame.offset, "SHA-256 of the state before the first tick",
               segment.world.sha256(segment.world.nothing()), segment.world.sha256(self.state))


def tick_record(unit, history, state):
    f, world = unit.frame, unit.segment.world
    record = {"tick": f.tick, "historyDigest": history.hex(), "stateSha256": world.sha256(state),
              "simTime": plain_number(f.time), "era": f.era}
    if world.has("log"):
        record["logsSha256"] = world.sha256(unit.with_logs(state), "log")
    return record


# One segment alone ----------------------------------------------------------------------------------------------------


def read_alone(path):
    """Walk from the last keyframe of each stretch (between required keyframes) back and forth."""
    segment = Segment(path, os.path.basename(path))
    segment.scan(Order(alone=True))
    segment.check_frames()
    stretches, keyframes, history, static = [], {}, {}, {}
    before = segment.history
    for unit in segment.units():
        f = unit.frame
        unit.check_before(before)
        if f.records():
            if f.flags & REQUIRED or not stretches:
                stretches.append([])
            stretches[-1].append(unit)
            history[f.tick], before = before, f.history
        elif f.kind in (KEYFRAME, GAP, MARK, EPOCH, SEAL):
            expect(segment.name, f.offset + 56, "history digest, repeated", before, f.history)
        if f.kind == KEYFRAME:
            keyframes.setdefault(f.tick, []).append(unit)
            static = {n: d for n, d in unit.digests.items() if n in segment.world.static}
    ticks, out_of_reach, earlier = {}, [], None
    for stretch in stretches:
        anchors = [i for i, unit in enumerate(stretch) if unit.frame.tick in keyframes]
        if not anchors:
            out_of_reach += [unit.frame.tick for unit in stretch]
            continue
        state = walk_alone(segment, stretch, anchors[-1], keyframes, history, static, ticks)
        f = stretch[0].frame
        if not f.flags & REQUIRED:
            earlier = {"tick": f.tick - f.base, "historyDigest": segment.history.hex(),
                       "stateSha256": segment.world.sha256(state)}
    for tick, units in keyframes.items():
        for unit in units:
            state = segment.world.nothing()
            unit.step(state)
            unit.check(state, static)
            expect(segment.name, unit.frame.offset, "SHA-256 of the state at tick %d, keyframe" % tick,
                   ticks[tick]["stateSha256"], segment.world.sha256(state))
    return {"uuid": segment.uuid.hex(), "world": segment.world.name, "segment": segment.number,
            "generation": segment.generation, "firstTick": segment.first, "sealed": segment.sealed,
            "tornBytes": segment.torn, "before": earlier, "ticks": [ticks[t] for t in sorted(ticks)],
            "outOfReach": out_of_reach}


def walk_alone(segment, stretch, anchor, keyframes, history, static, ticks):
    """Fill `ticks` for one stretch from the keyframe of the tick at `anchor`; gives the state before the stretch."""
    def note(unit, state):
        f = unit.frame
        found = segment.world.chain(history[f.tick], f.tick, unit.check(state, static))
        expect(segment.name, f.offset + 56, "history digest at tick %d" % f.tick, found, f.history)
        ticks[f.tick] = tick_record(unit, found, state)

    back, ahead = segment.world.nothing(), segment.world.nothing()
    for state in (back, ahead):
        keyframes[stretch[anchor].frame.tick][0].step(state)
    for unit in reversed(stretch[:anchor + 1]):
        note(unit, back)
        unit.step(back, False)
    for unit in stretch[anchor + 1:]:
        unit.step(ahead)
        note(unit, ahead)
    return back


# What is printed ------------------------------------------------------------------------------------------------------


def plain_number(x):
    """NaN and the infinities as strings, since JSON has none."""
    if isinstance(x, float) and not math.isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x


def plain_column(kind, column):
    if not kind.width:
        return [(parse_json(v) if v else None) if kind.name == "json" else v.decode() if kind.name == "utf8"
                else base64.b64encode(v).decode() for v in column]
    if kind.name == "uuid":
        return [str(uuid.UUID(bytes=bytes(column[at:at + 16]))) for at in range(0, len(column), 16)]
    if kind.name == "h3":
        return ["%x" % word if word else "" for word in kind.words(column)]
    values = struct.unpack("<%d%s" % (len(column) // kind.unit, STRUCT[kind.number]), column)
    values = [str(v) for v in values] if kind.number in ("u64", "i64") else [plain_number(v) for v in values]
    return [values[at:at + kind.count] for at in range(0, len(values), kind.count)] if kind.vector else values


def plain_state(world, state):
    """A grid as the row-major list of its elements, a value store as an object, what grows as a list of rows."""
    out = {}
    for store, columns in zip(world.stores, state):
        if not store.recorded:
            continue
        lists = [plain_column(kind, column) for kind, column in zip(store.columns, store.used(columns))]
        rows = [dict(zip(store.names, row)) for row in zip(*lists)]
        if store.grows:
            out[store.name] = [dict({"$slot": slot} if store.key else {}, **row)
                               for slot, row in enumerate(rows) if row.pop("$live")]
        else:
            out[store.name] = lists[0] if store.kind == "grid" else rows[0] if rows else {}
    return out


def as_json(run):
    replay = Replay(run)
    ticks = list(replay.records.values())
    out = {"id": run.card["id"], "world": run.card["world"]["name"],
            "firstTick": ticks[0]["tick"] if ticks else None, "lastTick": ticks[-1]["tick"] if ticks else None,
            "closed": run.closed(), "tornBytes": run.segments[-1].torn if run.segments else 0, "ticks": ticks}
    if run.segments and run.segments[0].world.has("static"):
        out["staticSha256"] = replay.static_sha256
    return out


def summary(run):
    ticks = run.ticks()
    print("run %s of world %s (%s)" % (run.card["id"], run.card["world"]["name"], run.card["uuid"]))
    print("%d ticks%s, %s" % (len(ticks), ", %d to %d" % (ticks[0].tick, ticks[-1].tick) if ticks else "",
                              "closed" if run.closed() else "not closed"))
    for s in run.segments:
        print("  %s: %d frames, %d bytes, %s" % (s.name, len(s.frames), s.end, "sealed" if s.sealed else "open"))
        if s.torn:
            print("    torn tail of %d bytes at %d: %s" % (s.torn, s.end, s.why))
        for f in s.frames:
            if f.kind == GAP:
                print("    gap after %d up to %d: %s" % (f.tick - f.base, f.tick, f.json["reason"]))


def print_tick(run, tick):
    if tick not in [f.tick for f in run.ticks()]:
        print("reader.py: tick %d is not recorded" % tick, file=sys.stderr)
        return 2
    replay = Replay(run, stop=tick)
    print_json(dict(replay.records[tick], state=plain_state(run.segments[0].world, replay.state_at_stop())))
    return 0


def print_json(value):
    print(json.dumps(value, allow_nan=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?")
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--tick", type=int)
    parser.add_argument("--segment", metavar="FILE")
    args = parser.parse_args()
    if (args.run is None) == (args.segment is None):
        parser.error("give a run's folder or --segment FILE")
    if not (os.path.isdir(args.run) if args.run else os.path.isfile(args.segment)):
        parser.error("no such run or segment: %s" % (args.run or args.segment))
    if not shutil.which("zstd"):
        parser.error("the zstd command is missing")
    try:
        if args.segment:
            print_json(read_alone(args.segment))
            return 0
        run = Run(args.run)
        if args.tick is not None:
            return print_tick(run, args.tick)
        if args.json:
            print_json(as_json(run))
            return 0
        summary(run)
        if args.verify:
            print("verified: %d ticks, forwards and backwards" % len(Replay(run).records))
        return 0
    except Violation as violation:
        print(violation, file=sys.stderr)
        return 3


if __name__ == "__main__":
    if sys.byteorder != "little":
        sys.exit("reader.py: this machine is not little-endian")
    sys.exit(main())
