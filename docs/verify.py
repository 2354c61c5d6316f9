#!/usr/bin/env python3
"""Checks an export of a hall's log (hallward log export). Needs Python 3 and the package `cryptography`, nothing else.

python3 verify.py EXPORT.zip [--key VKEY] [--checkpoint FILE]... [--strict] [--show]
Exit status: 0 whole, 1 not whole (with --strict also when nothing external anchors it), 2 could not be checked.
"""
import argparse, base64, hashlib, json, re, struct, sys, zipfile
from datetime import datetime, timedelta, timezone
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def read_key(vkey):
    """NAME+ID+KEY; the id is the beginning of SHA-256(name, newline, key)."""
    name, key_id, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key, validate=True)
    if key[0] != 1 or sha(name.encode(), b"\n", key)[:4].hex() != key_id:
        raise ValueError("the public key is not whole")
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(key[1:])


def checkpoints(text, key, source, external, problems):
    """(size, origin, root, external, source) of each note in the text that this key signed."""
    name, key_id, public = key
    for body, lines in re.findall(r"((?:[^\n]+\n)+)\n((?:\u2014 [^\n]+\n)+)", text):
        for line in lines.splitlines():
            signer, signature = line[2:].split(" ", 1)
            signature = base64.b64decode(signature)
            if signer == name and signature[:4] == key_id:
                try:
                    public.verify(signature[4:], body.encode())
                except InvalidSignature:
                    problems.append((0, f"a checkpoint in {source} bears a wrong signature"))
                    continue
                origin, size, root = body.splitlines()[:3]
                yield int(size), origin, base64.b64decode(root), external, source


def decode(data):
    """A record's bytes: version, number, run, two times, trust, severity, texts, body, commitment."""
    if data[0] != 1:
        raise ValueError("a record of a form that this script does not know")
    number, run, mono, wall, trust, severity = struct.unpack(">Q16sQqBB", data[1:43])
    at = 43

    def text():
        nonlocal at
        length = struct.unpack(">I", data[at:at + 4])[0]
        at += 4 + length
        return data[at - length:at].decode()

    code, place, actor = text(), text(), text()
    at += 4
    body = {text(): text() for _ in range(struct.unpack(">I", data[at - 4:at])[0])}
    commitment = data[at + 1:] if data[at] else None
    return dict(number=number, time=EPOCH + timedelta(microseconds=wall), trust=trust, severity=severity,
                code=code, place=place, actor=actor, body=body, commitment=commitment)


class Tree:
    """The tree of RFC 6962, kept as its complete subtrees: (height, hash), the largest first."""
    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, level, value):
        if self.size % (1 << level):
            raise ValueError(f"what is left out behind record {self.size} cannot stand there")
        self.size += 1 << level
        while self.peaks and self.peaks[-1][0] == level:
            level, value = level + 1, sha(b"\x01", self.peaks.pop()[1], value)
        self.peaks.append((level, value))

    def root(self):
        value = self.peaks[-1][1] if self.peaks else sha()
        for _, left in reversed(self.peaks[:-1]):
            value = sha(b"\x01", left, value)
        return value


def check(lines, known, problems, show):
    tree, superseded, at, broken = Tree(), {}, 0, False
    found = dict(records=0, first=None, last=None, contiguous=True, anchored=None)
    known, gap, fitted, unfit = sorted(known, key=lambda c: c[0]), False, 0, False

    def compare():
        nonlocal fitted, unfit
        while known and known[0][0] <= at:
            size, origin, root, external, source = known.pop(0)
            if origin in superseded:
                superseded[origin] = max(superseded[origin], size)
            elif size == at and not broken and tree.root() == root:
                fitted, found["anchored"] = size, size if external else found["anchored"]
            elif size == at and not broken and not unfit:
                unfit = True
                problems.append((fitted + 1, f"records {fitted + 1} to {size} are not those of the checkpoint of {size} in {source}"))

    for line in lines:
        entry = json.loads(line)
        if "left_out" in entry:
            gap = found["last"] is not None
            if not broken:
                tree.push(entry["left_out"], base64.b64decode(entry["hash"]))
            at += 1 << entry["left_out"]
        else:
            data = base64.b64decode(entry["record"])
            number = int.from_bytes(data[1:9], "big")
            try:
                record = decode(data)
            except (ValueError, IndexError, struct.error):
                problems.append((number, f"what stands for record {number} is no record"))
                record = dict(number=number, time=EPOCH, code="?", place="", actor="", body={}, commitment=None)
            if number != at + 1:
                broken = True
                problems.append((min(number, at + 1), f"behind record {at} stands record {number}"))
            if "personal" in entry:
                private = base64.b64decode(entry["salt"]), base64.b64decode(entry["personal"])
                if sha(*private) != record["commitment"]:
                    problems.append((number, f"the personal data of record {number} is not what was written"))
            if not broken:
                tree.push(0, sha(b"\x00", data))
            at = max(at, number)
            found["records"] += 1
            found["contiguous"] &= not gap
            found["first"], found["last"] = found["first"] or number, at
            if record["code"] == "log.rollback_suspected":
                superseded[record["body"].get("log_before")] = 0
            if show:
                print(number, record["time"].isoformat(), record["code"], record["place"], record["actor"], record["body"])
        compare()
    found["later"] = max((c[0] for c in known if c[3] and c[1] not in superseded), default=None)
    own = max((c for c in known if not c[3] and c[1] not in superseded), default=None)
    if own:
        problems.append((at + 1, f"records {at + 1} to {own[0]} are missing: the checkpoint of {own[0]} in {own[4]} stands for them"))
    if fitted != at:
        problems.append((fitted + 1, f"no checkpoint stands for records {fitted + 1} to {at}"))
    return found, superseded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--key", help="the public key, from where you trust it")
    parser.add_argument("--checkpoint", action="append", default=[], help="a file of checkpoints kept elsewhere")
    parser.add_argument("--strict", action="store_true", help="fail unless a checkpoint kept elsewhere fits")
    parser.add_argument("--show", action="store_true", help="print every record")
    asked, problems = parser.parse_args(), []
    export = zipfile.ZipFile(asked.export)
    key = read_key(asked.key or export.read("key.txt").decode())
    known = list(checkpoints(export.read("checkpoints.txt").decode(), key, "the export", False, problems))
    for path in asked.checkpoint:
        known += checkpoints(open(path, encoding="utf-8").read(), key, path, True, problems)
    found, superseded = check(export.open("records.jsonl"), known, problems, asked.show)
    for number, what in problems:
        print(f"record {number}: {what}")
    range_ = "every record between" if found["contiguous"] else "A SELECTION: others may be left out"
    print(f"{'TAMPERED' if problems else 'whole'}: {found['records']} records, {found['first']} to {found['last']} ({range_})")
    print(f"anchored to {found['anchored']}" if found["anchored"] else "NOT anchored: no checkpoint from elsewhere fits"
          + (f"; one of {found['later']} is later than this export" if found["later"] else ""))
    for origin, size in superseded.items():
        print(f"ROLLBACK suspected: log {origin} ended; a checkpoint stands for {size} records of it" if size else
              f"ROLLBACK suspected: log {origin} ended")
    return 1 if problems or (asked.strict and (not found["anchored"] or superseded)) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, KeyError, IndexError, struct.error, zipfile.BadZipFile) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        sys.exit(2)
