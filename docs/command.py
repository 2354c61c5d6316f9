#!/usr/bin/env python3
"""Makes keys and signed commands for doors over MQTT. Needs Python 3 and the package `cryptography`, nothing else.

python3 command.py key ID FILE.pem                                      a new key, and what the site file needs of it
python3 command.py sign ID FILE.pem SITE unlock DOOR --why "WHY"        a command, for hallward/SITE/command/ID
python3 command.py sign ID FILE.pem SITE lockdown [DOOR] --why "WHY"
"""
import argparse, base64, hashlib, json, os, sys
from datetime import datetime, timezone
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def public_bytes(key):
    return key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)


def new_key(name, file):
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(pem)
    public = base64.b64encode(public_bytes(key)).decode()
    return f'[[commander]]\nid = "{name}"\nkey = "{public}"\norders = ["lockdown"]\ndoors = ["…"]'


def signed(name, file, said):
    """A C2SP signed note: the text, an empty line, and the signature behind the first bytes of SHA-256(name, newline, 1, key)."""
    with open(file, "rb") as pem:
        key = form.load_pem_private_key(pem.read(), None)
    text = f"hallward command\n{json.dumps(said, ensure_ascii=False)}\n"
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public_bytes(key)).digest()[:4]
    signature = base64.b64encode(key_id + key.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {signature}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    key, sign = verbs.add_parser("key"), verbs.add_parser("sign")
    for verb in key, sign:
        verb.add_argument("id")
        verb.add_argument("file")
    sign.add_argument("site")
    sign.add_argument("order", choices=["unlock", "lockdown"])
    sign.add_argument("door", nargs="?")
    sign.add_argument("--why", required=True)
    asked = parser.parse_args()
    if asked.verb == "key":
        print(new_key(asked.id, asked.file))
        return
    said = {"site": asked.site, "commander": asked.id, "at": datetime.now(timezone.utc).isoformat(), "order": asked.order}
    said["why"] = asked.why.strip()
    if asked.door:
        said["door"] = asked.door
    # Byte for byte: a system's own line ends and encoding would spoil the signature.
    sys.stdout.buffer.write(signed(asked.id, asked.file, said).encode())


if __name__ == "__main__":
    main()
