"""Builds the TLS context: which certificate authorities are trusted, and how strictly certificates are checked."""

from __future__ import annotations

import os
import ssl
import sys
from typing import TYPE_CHECKING

import certifi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: Files of authorities that are trusted beside the machine's own.
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
#: Where Linux distributions keep theirs, should OpenSSL not know: Debian, Fedora, SUSE, Alpine.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
#: A store with fewer authorities is not one of a distribution.
_FEWEST_AUTHORITIES = 30


def system_bundles() -> tuple[str, ...]:
    """Return the files in which the authorities of a Linux machine may be, the likeliest first."""
    return (ssl.get_default_verify_paths().openssl_cafile, *_BUNDLES)


def tls_context(
    environment: Mapping[str, str],
    *,
    warn: Callable[[str], None],
    platform: str = sys.platform,
    bundles: tuple[str, ...] | None = None,
) -> ssl.SSLContext:
    """Return a context that trusts what the machine trusts, and the files that `VARIABLES` name.

    `warn` gets the variables whose files cannot be read. The checks are the same for each Python: 3.13 would refuse
    the older authorities of many companies.
    """
    known: str | None = None
    if platform == "linux":
        known = next((path for path in bundles or system_bundles() if os.path.isfile(path)), None)  # noqa: PTH113
        context = _linux_context(known)
    else:
        # Imported here: its own context reads all authorities again for each connection, so Linux does without.
        import truststore  # noqa: PLC0415

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # As curl and Python 3.13: an authority is trusted without the one that signed it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for name, path in _named_files(environment, known=known):
        problem = _load(context, path)
        if problem:
            warn(f"{name} is ignored, because {path} cannot be read: {problem}.")
    return context


def _linux_context(bundle: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Read only as far as it is needed, so that it takes no time.
    context.load_verify_locations(capath=ssl.get_default_verify_paths().openssl_capath)
    if bundle:
        _load(context, bundle)
    if context.cert_store_stats()["x509_ca"] < _FEWEST_AUTHORITIES:
        context.load_verify_locations(certifi.where())
    return context


def _named_files(environment: Mapping[str, str], *, known: str | None) -> Iterator[tuple[str, str]]:
    """Yield each file or directory once that the variables name, but for the one known, with the variable."""
    seen = {os.path.realpath(known or "")}
    for name in VARIABLES:
        paths = environment.get(name, "")
        for path in paths.split(os.pathsep) if name == "SSL_CERT_DIR" else [paths]:
            real = os.path.realpath(path)
            if path and real not in seen:
                seen.add(real)
                yield name, path


def _load(context: ssl.SSLContext, path: str) -> str | None:
    """Trust the authorities of a file or directory; return what is wrong with it, if something is."""
    try:
        if os.path.isdir(path):  # noqa: PTH112 - as above, os.path is imported already
            os.listdir(path)  # noqa: PTH208
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        return "it has no certificates in PEM format"
    except OSError as error:
        return error.strerror or type(error).__name__
    return None
