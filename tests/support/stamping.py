"""A time-stamping authority of openssl, made for one test: a root, a certificate, replies."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

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

    def _run(self, words: str) -> None:
        subprocess.run(
            ["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True
        )


def authority(folder: Path) -> Authority:
    """Make an authority in an empty folder."""
    made = Authority(folder)
    (folder / "tsa.cnf").write_text(SETTINGS)
    (folder / "serial").write_text("01\n")
    new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    made._run(f"req -x509 {new} -keyout root.key -out root.pem -days 3650 -subj /CN=Root")
    made._run(f"req {new} -keyout tsa.key -out tsa.csr -subj /CN=Authority")
    made._run(
        "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -days 3650 -out tsa.pem "
        "-extfile tsa.cnf -extensions ext"
    )
    return made
