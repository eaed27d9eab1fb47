"""A time-stamping authority of openssl, made for one test: a root, a certificate, replies."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

SETTINGS = """
[tsa]
default_tsa = it
[it]
dir = .
serial = ./serial
crypto_device = builtin
signer_cert = ./tsa.pem
signer_key = ./tsa.key
certs = ./root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[between]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """Answers with RFC 3161 tokens."""

    folder: Path

    @property
    def root_pem(self) -> bytes:
        """What tokens are checked with."""
        return (self.folder / "root.pem").read_bytes()

    def token(self, data: bytes) -> bytes:
        """Return a TimeStampResp in DER over data."""
        (self.folder / "data").write_bytes(data)
        self._run("ts -query -data data -sha256 -cert -out query.tsq")
        self._run("ts -reply -config tsa.cnf -queryfile query.tsq -out reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()

    def answer(self, request: bytes) -> bytes:
        """Return the reply to a TimeStampReq in DER, a refusal too."""
        (self.folder / "query.tsq").write_bytes(request)
        self._run("ts -reply -config tsa.cnf -queryfile query.tsq -out reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()

    def must_verify(self, token: bytes, data: bytes) -> None:
        """Have openssl check a token; raises CalledProcessError if it finds it wrong."""
        (self.folder / "data").write_bytes(data)
        (self.folder / "token.tsr").write_bytes(token)
        self._run("ts -verify -data data -in token.tsr -CAfile root.pem")

    def reissue(self, valid_from: datetime, valid_to: datetime) -> None:
        """Give it another certificate for the same key, of the same root."""
        root = x509.load_pem_x509_certificate(self.root_pem)
        old = x509.load_pem_x509_certificate((self.folder / "tsa.pem").read_bytes())
        signing = load_pem_private_key((self.folder / "root.key").read_bytes(), None)
        assert isinstance(signing, ec.EllipticCurvePrivateKey)
        made = x509.CertificateBuilder(root.subject, old.subject, old.public_key(), 77)
        made = made.not_valid_before(valid_from).not_valid_after(valid_to)
        for one in old.extensions:
            made = made.add_extension(one.value, one.critical)
        pem = made.sign(signing, hashes.SHA256()).public_bytes(Encoding.PEM)
        (self.folder / "tsa.pem").write_bytes(pem)

    def send_no_root(self) -> None:
        """Have the certificates between, as most authorities do, and leave out the root."""
        new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        self._run(f"req {new} -keyout between.key -out between.csr -subj /CN=Between")
        signed = "-days 3650 -extfile tsa.cnf"
        self._run(
            "x509 -req -in between.csr -CA root.pem -CAkey root.key -out between.pem "
            f"{signed} -extensions between"
        )
        self._run(
            "x509 -req -in tsa.csr -CA between.pem -CAkey between.key -out tsa.pem "
            f"{signed} -extensions ext"
        )
        settings = self.folder / "tsa.cnf"
        settings.write_text(settings.read_text().replace("./root.pem", "./between.pem"))

    def _run(self, words: str) -> None:
        subprocess.run(
            ["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True
        )


def authority(folder: Path, name: str = "Root") -> Authority:
    """Make an authority in a folder of its own."""
    folder.mkdir(exist_ok=True)
    made = Authority(folder)
    (folder / "tsa.cnf").write_text(SETTINGS)
    (folder / "serial").write_text("01\n")
    new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    made._run(f"req -x509 {new} -keyout root.key -out root.pem -days 3650 -subj /CN={name}")
    made._run(f"req {new} -keyout tsa.key -out tsa.csr -subj /CN=Authority")
    made._run(
        "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -days 3650 -out tsa.pem "
        "-extfile tsa.cnf -extensions ext"
    )
    return made
