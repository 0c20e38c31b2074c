#!/usr/bin/env python3
"""Checks what letterpost proves, with Python's standard library alone and no line of letterpost's own code.

    verify_letterpost.py FILE --key VKEY [--export EXPORT]

FILE: a checkpoint (a note), or what 'audit prove', 'audit consistency' or 'audit export --proof' wrote; the last needs the
export too. Exit status: 0 proved; 1 not; 2 usage. auditor-guide.md tells the reckoning step by step.
"""
import argparse, base64, hashlib, json, sys

# Ed25519, RFC 8032 section 5.1: points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, z, t, y = f - e, h - g, h + g, f + e
    return x * z % P, t * y % P, z * t % P, x * y % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point_of(octets):
    y, sign = int.from_bytes(octets, "little") & (2**255 - 1), octets[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("a key is no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(key, text, signature):
    digest = hashlib.sha512(signature[:32] + key + text).digest()
    scalar = int.from_bytes(signature[32:], "little")
    left = times(scalar, BASE)
    right = add(point_of(signature[:32]), times(int.from_bytes(digest, "little") % ORDER, point_of(key)))
    is_same = all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
    return len(signature) == 64 and scalar < ORDER and is_same


# Notes and checkpoints: C2SP signed-note and tlog-checkpoint.
def key_of(vkey):
    name, key_id, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key, validate=True)
    if key[0] != 1 or hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] != key_id:
        raise ValueError(f"{vkey} is no Ed25519 key, or its id is not its own")
    return name, bytes.fromhex(key_id), key[1:]


def checkpoint_of(note, vkeys, may_be_bare=False):
    """Origin, size and root of a checkpoint that one of the keys signed."""
    if may_be_bare and note.count("\n") == 3:
        text, found = note, True  # from before the log had a key
    else:
        text, found = note[: note.rindex("\n\n") + 1], False
        for line in note[len(text) + 1 :].splitlines():
            dash, name, signature = line.split(" ")
            signature = base64.b64decode(signature, validate=True)
            for known, key_id, key in map(key_of, vkeys):
                if dash == "\u2014" and (known, key_id) == (name, signature[:4]):
                    if not is_signed(key, text.encode(), signature[4:]):
                        raise ValueError(f"the signature by {name} is not of this text")
                    found = True
    origin, size, root, rest = text.split("\n")
    if not found or rest or str(int(size)) != size:
        raise ValueError("no known key signed it, or it is no checkpoint")
    return origin, int(size), base64.b64decode(root, validate=True)


# The tree: RFC 9162 section 2.1.
def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def half(size):
    """The largest power of two smaller than the size: how many leaves are left of the root."""
    return 1 << (size - 1).bit_length() - 1


def root_by_inclusion(index, size, hash_, proof):
    if size == 1:
        [] = proof  # no hash may be left over
        return hash_
    *proof, sibling = proof
    if index < half(size):
        return node(root_by_inclusion(index, half(size), hash_, proof), sibling)
    return node(sibling, root_by_inclusion(index - half(size), size - half(size), hash_, proof))


def roots_by_consistency(old, new, old_root, proof, is_left_edge=True):
    if old == new:
        (shared,) = [old_root, *proof] if is_left_edge else proof
        return shared, shared
    *proof, sibling = proof
    if old <= half(new):
        was, is_ = roots_by_consistency(old, half(new), old_root, proof, is_left_edge)
        return was, node(is_, sibling)
    was, is_ = roots_by_consistency(old - half(new), new - half(new), old_root, proof, False)
    return node(sibling, was), node(sibling, is_)


def widths(at, end):
    """The largest perfect subtrees that the leaves from `at` to `end` are made of."""
    while at < end:
        yield (width := min(at & -at or end, 1 << (end - at).bit_length() - 1))
        at += width


def root_by_range(start, leaves, size, proof):
    left, right = [*widths(0, start)], [*widths(start + len(leaves), size)]
    hashes = proof[: len(left)] + leaves + proof[len(left) :]
    peaks = []
    for width, hash_ in zip(left + [1] * len(leaves) + right, hashes, strict=True):
        while peaks and peaks[-1][0] == width:
            hash_, width = node(peaks.pop()[1], hash_), 2 * width
        peaks.append((width, hash_))
    root = peaks.pop()[1] if peaks else hashlib.sha256().digest()
    while peaks:
        root = node(peaks.pop()[1], root)
    return root


def proved(text, export, vkeys):
    """What is proved, in a sentence."""
    if not text.startswith("{"):
        return "%s has %d entries" % checkpoint_of(text, vkeys)[:2]
    proof = json.loads(text)
    hashes = [bytes.fromhex(hash_) for hash_ in proof.get("hashes", [])]
    _, size, root = checkpoint_of(proof.get("checkpoint") or proof["new"], vkeys)
    if proof["proof"] == "consistency":
        _, old, old_root = checkpoint_of(proof["old"], vkeys, may_be_bare=True)
        if old and roots_by_consistency(old, size, old_root, hashes) != (old_root, root):
            raise ValueError("the two are not of one history")
        return f"the log of {old} entries is the beginning of that of {size}"
    if proof["proof"] == "range":
        lines = open(export, "rb").read().split(b"\n")[:-1]
        if [json.loads(line)["seq"] for line in lines] != [*range(proof["from"], proof["to"])]:
            raise ValueError("the lines are not the entries that the proof is for")
        if root_by_range(proof["from"], [leaf(line) for line in lines], size, hashes) != root:
            raise ValueError("an entry or a hash was changed")
        return f"the export has all {len(lines)} entries from {proof['from']} on"
    for item in proof["entries"]:
        path = [bytes.fromhex(hash_) for hash_ in item["hashes"]]
        if json.loads(item["entry"])["seq"] != item["index"] or item["index"] >= size:
            raise ValueError("an entry is not in its place")
        if root_by_inclusion(item["index"], size, leaf(item["entry"].encode()), path) != root:
            raise ValueError(f"entry {item['index']} is not in the log")
    return "\n".join(["the log has", *(item["entry"] for item in proof["entries"])])


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("file")
    asked.add_argument("--key", action="append", required=True)
    asked.add_argument("--export")
    asked = asked.parse_args()
    try:
        print("proved:", proved(open(asked.file, encoding="utf-8", newline="").read(), asked.export, asked.key))
    except (ValueError, LookupError, TypeError) as fault:
        sys.exit(f"NOT proved: {fault}")
