#!/usr/bin/env python3
"""Reference values for everytick/math, from the standard library's decimal arithmetic alone.

    python3 tools/math-vectors.py > test/world/math-vectors.json
    node test/world/math-digest.ts sample 20000 | python3 tools/math-vectors.py audit

The first writes the table that test/world/math.test.ts reads. Each row holds the arguments, the
correctly rounded result, and what the exact result exceeds it by, in ulp of it (from -0.5 to 0.5).
The second prints the greatest error of each function over a sample, in ulp, and where it is.
"""

import math
import random
import struct
import sys
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

DIGITS = 60
ONE = Decimal(1)


def context(digits):
    return Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)


def extra(x):
    """Digits that 1 + x and differences near zero need beyond those of x."""
    return max(0, -x.adjusted()) if x else 0


_pi = {}


def pi(digits):
    """pi by J. Machin's formula: 16 atan(1/5) - 4 atan(1/239)."""
    digits = -(-digits // 100) * 100
    if digits not in _pi:
        one = 10 ** (digits + 10)

        def arctan_of_inverse(n):
            term = total = one // n
            k = 1
            while term:
                term //= -n * n
                k += 2
                total += term // k
            return total

        value = 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)
        _pi[digits] = Decimal(value).scaleb(-(digits + 10), context(digits + 50))
    return _pi[digits]


def sin_cos(x):
    """The sine and the cosine by their series, after reduction to at most pi/4."""
    with localcontext(context(DIGITS + 30 + max(0, x.adjusted()))) as wide:
        half_pi = pi(wide.prec + 10) / 2
        n = int((x / half_pi).to_integral_value())
        r = x - n * half_pi
    with localcontext(context(DIGITS + 10)):
        sums = [Decimal(0), Decimal(0)]
        term, k = ONE, 0
        # Both series at once: the even terms make the cosine, the odd ones the sine.
        while term and (k < 2 or term.adjusted() > r.adjusted() - DIGITS - 10):
            sums[k % 2] += term if k % 4 < 2 else -term
            k += 1
            term = term * r / k
        c, s = sums
        return ((s, c), (c, -s), (-s, -c), (-c, s))[n % 4]


def atan(x):
    """The arc tangent by its series, after atan x = 2 atan(x/(1 + sqrt(1 + x^2))) five times."""
    if x < 0:
        return -atan(-x)
    if x > 1:
        return pi(DIGITS + 20) / 2 - atan(ONE / x)
    halvings = 0 if x < Decimal("1e-20") else 5
    for _ in range(halvings):
        x = x / (1 + (1 + x * x).sqrt())
    power = total = x
    k = 1
    while power and power.adjusted() > total.adjusted() - DIGITS - 15:
        power *= -x * x
        k += 2
        total += power / k
    return total * 2**halvings


def asin(x):
    if abs(x) == 1:
        return pi(DIGITS + 20) / 2 * x
    return atan(x / ((1 - x) * (1 + x)).sqrt())


def acos(x):
    if x == -1:
        return pi(DIGITS + 20)
    return 2 * atan(((1 - x) / (1 + x)).sqrt())


def atan2(y, x):
    if not x:
        return pi(DIGITS + 20) / 2 * (1 if y > 0 else -1)
    angle = atan(y / x)
    if x > 0:
        return angle
    return angle + pi(DIGITS + 20) * (1 if y > 0 else -1)


def expm1(x):
    with localcontext(context(DIGITS + 5)) as wide:
        if extra(x) > 20:
            return x + x * x / 2 + x * x * x / 6 + x * x * x * x / 24
        wide.prec += extra(x)
        return x.exp() - 1


def log1p(x):
    with localcontext(context(DIGITS + 5)) as wide:
        if extra(x) > 20:
            return x - x * x / 2 + x * x * x / 3 - x * x * x * x / 4
        wide.prec += extra(x)
        return (1 + x).ln()


def hypot(x, y):
    # The squares are exact before they are added.
    exact = context(4000)
    return exact.add(exact.multiply(x, x), exact.multiply(y, y)).sqrt(context(DIGITS))


def sinh(x):
    e = expm1(abs(x))
    return ((e + e / (e + 1)) / 2).copy_sign(x)


def tanh(x):
    # Beyond 100 it is 1 to more digits than are kept.
    e = expm1(2 * min(abs(x), Decimal(100)))
    return (e / (e + 2)).copy_sign(x)


def asinh(x):
    size = abs(x)
    value = log1p(size + size * size / (1 + (1 + size * size).sqrt()))
    return value.copy_sign(x)


def acosh(x):
    t = x - 1
    return log1p(t + (t * (t + 2)).sqrt())


def atanh(x):
    size = abs(x)
    return (log1p(2 * size / (1 - size)) / 2).copy_sign(x)


FUNCTIONS = {
    "sin": lambda x: sin_cos(x)[0],
    "cos": lambda x: sin_cos(x)[1],
    "tan": lambda x: sin_cos(x)[0] / sin_cos(x)[1],
    "asin": asin,
    "acos": acos,
    "atan": atan,
    "atan2": atan2,
    "sinh": sinh,
    "cosh": lambda x: (x.exp() + (-x).exp()) / 2,
    "tanh": tanh,
    "asinh": asinh,
    "acosh": acosh,
    "atanh": atanh,
    "exp": Decimal.exp,
    "expm1": expm1,
    "log": Decimal.ln,
    "log1p": log1p,
    "log2": lambda x: x.ln() / Decimal(2).ln(),
    "log10": Decimal.log10,
    "pow": lambda x, y: (-1 if x < 0 and y % 2 else 1) * (y * abs(x).ln()).exp(),
    "cbrt": lambda x: (abs(x).ln() / 3).exp().copy_sign(x),
    "hypot": hypot,
}
BINARY = {"atan2", "pow", "hypot"}


def defined(name, args):
    """Whether the exact result is a finite number other than a zero or a limit."""
    x = args[0]
    if not all(math.isfinite(value) for value in args):
        return False
    if name in ("asin", "acos"):
        return x and abs(x) <= 1 and not (name == "acos" and x == 1)
    if name == "atanh":
        return x and abs(x) < 1
    if name == "acosh":
        return x > 1
    if name == "log1p":
        return x and x > -1
    if name in ("log", "log2", "log10"):
        return x > 0 and x != 1
    if name in ("exp", "expm1", "sinh", "cosh"):
        return x and abs(x) < 800
    if name == "atan2":
        return x and args[1] and not (args[1] > 0 and abs(x) < args[1] * 1e-290)
    if name == "pow":
        y = args[1]
        if not x or not y or abs(x) == 1 or (x < 0 and y != int(y)):
            return False
        return abs(y) * abs(math.log2(abs(x))) < 1100
    return x and (name != "hypot" or args[1])


def reference(name, args):
    with localcontext(context(DIGITS + 15)):
        return FUNCTIONS[name](*(Decimal(value) for value in args))


def error(got, exact):
    """got - exact in ulp of the correctly rounded result; None where that is no finite number."""
    near = float(exact)
    if not math.isfinite(near):
        return None
    difference = context(DIGITS).subtract(Decimal(got), exact)
    return float(context(DIGITS).divide(difference, Decimal(math.ulp(near))))


def from_bits(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def spread(rng, least, greatest):
    bits = rng.getrandbits(52) | (1023 + rng.randint(least, greatest)) << 52
    return from_bits(bits) * rng.choice((1, -1))


def near_multiples_of_half_pi():
    """For many exponents, numbers m 2^e that lie closest to a multiple of pi/2: the convergents of
    the continued fraction of (pi/2)/2^e have the best m for denominators up to 2^53."""
    found = []
    for e in range(-60, 971, 30):
        digits = 400
        one = 10**digits
        numerator = int(pi(digits + 50).scaleb(digits, context(digits + 100)))
        denominator = 2 * one
        if e >= 0:
            denominator *= 2**e
        else:
            numerator *= 2**-e
        # m/n converges to numerator/denominator, so m 2^e is close to n pi/2.
        before, m, a, b = 1, numerator // denominator, numerator, denominator
        while True:
            a, b = b, a % b
            q = a // b
            if m * q + before >= 2**53:
                break
            before, m = m, m * q + before
        if m:
            found.append(math.ldexp(float(m), e))
    return found


# Where the algorithms change from one formula to another.
EDGES = {
    "trigonometric": [2.0**-27, 2.0**-26, math.pi / 4, 0.67434, math.pi / 2, 3 * math.pi / 4]
    + [math.pi, 5 * math.pi / 4, 3 * math.pi / 2, 2 * math.pi, 1647099.3291, 1e6, 1e15, 1e22]
    + [2.0**53, 1e100, 1e300, 1.7976931348623157e308, 6381956970095103.0 * 2.0**797],
    "inverse": [2.0**-57, 2.0**-27, 2.0**-26, 0.4375, 0.5, 0.6875, 0.975, 1 - 2.0**-53, 1.1875]
    + [1.0, 2.4375, 2.0**60, 2.0**66, 1e300, 2.0**-1022, 5e-324],
    "exponential": [2.0**-54, 2.0**-28, 0.34657359027997264, 0.5, 1.0397207708399179, 1.0, 2.0]
    + [19 * math.log(2), 20 * math.log(2), 22.0, 38.816242111356935, 56 * math.log(2), 708.0]
    + [709.782712893384, 710.4758600739439, 745.1332191019411, 708.3964185322641, 5e-324],
    "logarithmic": [5e-324, 1e-310, 2.0**-1022, 2.0**-54, 2.0**-53, 2.0**-29, 0.2928932188134525]
    + [0.41421356237309503, 0.7071067811865476, 1.4142135623730951, 1 - 2.0**-53, 1 + 2.0**-52]
    + [1 + 2.0**-26, 2.0, 3.0, 2.0**28, 2.0**53, 1e300, 1.7976931348623157e308],
}
FAMILIES = {
    "trigonometric": ("sin", "cos", "tan"),
    "inverse": ("asin", "acos", "atan", "atanh"),
    "exponential": ("exp", "expm1", "sinh", "cosh", "tanh"),
    "logarithmic": ("log", "log1p", "log2", "log10", "asinh", "acosh", "cbrt"),
}
EXPONENTS = {"sin": (-30, 1023), "cos": (-30, 1023), "tan": (-30, 1023), "asin": (-30, -1)}
EXPONENTS |= {"acos": (-30, -1), "atanh": (-30, -1), "atan": (-30, 30), "exp": (-30, 9)}
EXPONENTS |= {"expm1": (-56, 9), "sinh": (-30, 9), "cosh": (-30, 9), "tanh": (-30, 4)}
EXPONENTS |= {"log1p": (-56, 60), "asinh": (-30, 60), "acosh": (0, 60), "cbrt": (-1022, 1023)}


def unary_arguments(name, rng):
    found = []
    for family, members in FAMILIES.items():
        if name not in members:
            continue
        for edge in EDGES[family]:
            for value in (edge, math.nextafter(edge, 0), math.nextafter(edge, math.inf)):
                found += [value, -value]
    if name in FAMILIES["trigonometric"]:
        found += near_multiples_of_half_pi()
    if name == "log2":
        found += [math.ldexp(1.0, k) for k in range(-1074, 1024, 97)]
    if name == "log10":
        found += [float(10**k) for k in range(1, 23)]
    if name == "cbrt":
        found += [float(n**3) for n in (2, 3, 5, 10, 99, 1000, 131071, 200001)]
    least, greatest = EXPONENTS.get(name, (-30, 60))
    found += [spread(rng, least, greatest) for _ in range(60)]
    # Numbers around one, where logarithms and their like lose most.
    found += [spread(rng, -1, 0) for _ in range(40)]
    return [(value,) for value in found]


def power_arguments(rng):
    found = [(float(x), float(y)) for x in (2, 3, 5, 10, -7) for y in (1, 2, 3, 5, 15, -1, -3)]
    found += [(10.0, float(y)) for y in range(-308, 309, 44)]
    found += [(2.0, float(y)) for y in (-1074, -1073, -1023, -1022, 1023, 0.5, -0.5, 1 / 3)]
    found += [(1 + 2.0**-52, 2.0**k) for k in range(0, 62, 6)]
    found += [(1 - 2.0**-53, -(2.0**k)) for k in range(1, 62, 6)]
    found += [(1 + 2.0**-20, 2.0**29 + 0.5), (1 - 2.0**-20, 2.0**31 + 1.0), (1 + 1e-7, 3e9)]
    found += [(5e-324, 0.25), (5e-324, -0.9), (1e308, 1 / 3), (1.7976931348623157e308, -1.0)]
    found += [(1.2247448713915889, 700.5), (1.2247448713915892, -700.5), (1.7320508075688772, 1e3)]
    found += [(math.e, 709.78), (math.e, -745.1), (2.0, 1023.9999999999999), (2.0, -1074.4)]
    for _ in range(120):
        x = abs(spread(rng, -6, 6))
        limit = 1070 / abs(math.log2(x))
        found.append((x, rng.uniform(-limit, limit)))
    return found


def plane_arguments(rng):
    found = [(3.0, 4.0), (5.0, 12.0), (1.0, 1.0), (1e300, 1e300), (1e-300, 2e-300)]
    found += [(5e-324, 5e-324), (5e-324, 1e-323), (1e308, 1e-308), (1e-320, 1e-319), (1e308, 1e308)]
    found += [(1.0, 2.0**k) for k in (-62, -61, -60, -59, -30, -26, 26, 30, 59, 60, 61, 62)]
    for edge in (0.4375, 0.6875, 1.1875, 2.4375):
        found += [(edge, 1.0), (math.nextafter(edge, 0), 1.0), (edge * 3, 3.0)]
    found += [(abs(spread(rng, -20, 20)), abs(spread(rng, -20, 20))) for _ in range(40)]
    found += [(abs(spread(rng, -1, 1)), abs(spread(rng, -1, 1))) for _ in range(60)]
    found += [(abs(spread(rng, 500, 512)), abs(spread(rng, 500, 512))) for _ in range(8)]
    found += [(abs(spread(rng, -560, -400)), abs(spread(rng, -560, -400))) for _ in range(8)]
    return [(y * rng.choice((1, -1)), x * rng.choice((1, -1))) for y, x in found]


def arguments(name):
    rng = random.Random(name)
    if name == "pow":
        return power_arguments(rng)
    return plane_arguments(rng) if name in BINARY else unary_arguments(name, rng)


def rows(name):
    for args in dict.fromkeys(arguments(name)):
        if not defined(name, args):
            continue
        exact = reference(name, args)
        value = float(exact)
        if not math.isfinite(value):
            continue
        yield [*args, value, round(-error(value, exact), 4) + 0.0]


def write_table():
    blocks = []
    for name in FUNCTIONS:
        # Numbers as JavaScript writes them, so that a formatter has nothing to change.
        lines = (f"    [{', '.join(map(number, row))}]" for row in rows(name))
        blocks.append(f'  "{name}": [\n' + ",\n".join(lines) + "\n  ]")
    print("{\n" + ",\n".join(blocks) + "\n}")


def number(value):
    text = repr(float(value))
    return text.removesuffix(".0").replace("e+", "e").replace("e-0", "e-").replace(".0e", "e")


def audit():
    worst = {}
    count = dict.fromkeys(FUNCTIONS, 0)
    for line in sys.stdin:
        name, *numbers = line.split()
        if any(text in ("NaN", "Infinity", "-Infinity") for text in numbers):
            continue
        *args, got = map(float, numbers)
        if not defined(name, args):
            continue
        off = error(got, reference(name, args))
        if off is None:
            continue
        count[name] += 1
        if abs(off) > worst.get(name, (0,))[0]:
            worst[name] = (abs(off), args)
    for name, (off, args) in worst.items():
        print(f"{name:6} {count[name]:7} {off:.4f} ulp at {', '.join(map(repr, args))}")


if __name__ == "__main__":
    if sys.argv[1:] == ["audit"]:
        audit()
    else:
        write_table()
