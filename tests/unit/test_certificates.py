from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import certifi
import httpx
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from qovery_helm_deploy.qovery.certificates import VARIABLES, tls_context
from tests.unit.tls import server_context, serving

if TYPE_CHECKING:
    from pathlib import Path

CA = trustme.CA()
FILES = [name for name in VARIABLES if name != "SSL_CERT_DIR"]


@pytest.fixture
def authority(tmp_path: Path) -> str:
    """Return a file with a certificate authority of this test."""
    path = tmp_path / "ca.pem"
    CA.cert_pem.write_to_path(path)
    return str(path)


def fail(text: str) -> None:
    raise AssertionError(text)


def reach(context: ssl.SSLContext, server: ssl.SSLContext, host: str = "127.0.0.1") -> int:
    """Make a call to a TLS server, and return the status of the answer."""

    async def main() -> int:
        async with httpx.AsyncClient(verify=context, trust_env=False) as http:
            return (await http.get(f"https://{host}:{port}/")).status_code

    with serving(server) as port:
        return anyio.run(main)


def trusting(environment: dict[str, str], **settings: object) -> ssl.SSLContext:
    return tls_context(environment, warn=fail, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("variable", FILES)
@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_trusts_the_files_of_variables(authority: str, variable: str, platform: str) -> None:
    assert reach(trusting({variable: authority}, platform=platform), server_context(CA)) == 200


def test_trusts_the_system_store(authority: str) -> None:
    assert reach(trusting({}, bundles=("/nowhere", authority)), server_context(CA)) == 200


@pytest.mark.parametrize(
    "bundles",
    [
        pytest.param(("/nowhere",), id="no store"),
        pytest.param((certifi.where(),), id="full store"),
    ],
)
def test_uses_certifi_without_a_system_store(bundles: tuple[str, ...]) -> None:
    loaded = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    loaded.load_verify_locations(certifi.where())
    assert trusting({}, bundles=bundles).cert_store_stats() == loaded.cert_store_stats()


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize(
    ("server", "environment"),
    [
        pytest.param(server_context(trustme.CA()), {}, id="unknown authority"),
        pytest.param(server_context(CA, "api.qovery.test"), {"SSL_CERT_FILE": "ca"}, id="wrong host"),
    ],
)
def test_rejects_untrusted_servers(
    authority: str, server: ssl.SSLContext, environment: dict[str, str], platform: str
) -> None:
    named = dict.fromkeys(environment, authority)
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        reach(trusting(named, platform=platform), server)


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_trusts_an_authority_signed_by_another(tmp_path: Path, platform: str) -> None:
    child = CA.create_child_ca()
    child.cert_pem.write_to_path(tmp_path / "child.pem")
    context = trusting({"SSL_CERT_FILE": str(tmp_path / "child.pem")}, platform=platform)
    assert reach(context, server_context(child)) == 200


def test_trusts_an_older_authority(tmp_path: Path) -> None:
    """Its basic constraints are not marked as critical, which Python 3.13 rejects by default."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Old CA", key, issuer="Old CA", signed_with=key, is_ca=True)
    own_key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate("localhost", own_key, issuer="Old CA", signed_with=key, is_ca=False)
    (tmp_path / "ca.pem").write_bytes(authority)
    private = own_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(private + certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "server.pem")
    assert reach(trusting({"SSL_CERT_FILE": str(tmp_path / "ca.pem")}), server, "localhost") == 200


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, *, issuer: str, signed_with: ec.EllipticCurvePrivateKey, is_ca: bool
) -> bytes:
    now = datetime.now(tz=UTC)
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
    return builder.sign(signed_with, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("none.pem", "No such file or directory", id="missing"),
        pytest.param("text.pem", "it has no certificates in PEM format", id="not a certificate"),
    ],
)
def test_warns_of_unreadable_files(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "text.pem").write_text("not a certificate")
    warnings: list[str] = []
    path = str(tmp_path / name)
    environment = {"CURL_CA_BUNDLE": path, "REQUESTS_CA_BUNDLE": path, "SSL_CERT_FILE": ""}
    tls_context(environment, warn=warnings.append)
    assert warnings == [f"REQUESTS_CA_BUNDLE is ignored, because {path} cannot be read: {reason}."]


def test_reads_directories(tmp_path: Path) -> None:
    warnings: list[str] = []
    paths = f"{tmp_path}:{tmp_path / 'none'}"
    tls_context({"SSL_CERT_DIR": paths, "REQUESTS_CA_BUNDLE": str(tmp_path)}, warn=warnings.append)
    none = tmp_path / "none"
    assert warnings == [f"SSL_CERT_DIR is ignored, because {none} cannot be read: No such file or directory."]
