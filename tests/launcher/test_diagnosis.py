import pytest
from credentials import Credentials
from diagnosis import diagnose


@pytest.mark.parametrize(
    ("output", "message"),
    [
        pytest.param(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "differs from the one",
            id="hashes",
        ),
        pytest.param(
            "WARNING: Retrying after connection broken by 'NewConnectionError(...)': /simple/anyio/\n"
            "ERROR: No matching distribution found for anyio==4.16.0",
            "cannot be reached",
            id="network, reported as a missing distribution",
        ),
        pytest.param(
            "Could not fetch URL https://index/simple/: There was a problem confirming the ssl certificate: "
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))",
            "certificate is not trusted",
            id="certificate",
        ),
        pytest.param("ERROR: HTTP error 401 Client Error: Unauthorized for url", "refused", id="credentials"),
        pytest.param("ProxyError('Cannot connect', OSError('407 Proxy Authentication'))", "refused", id="proxy"),
        pytest.param(
            "ERROR: No matching distribution found for x==1",
            "found no wheel of a dependency",
            id="no wheel",
        ),
        pytest.param("OSError: [Errno 28] No space left on device", "disk is full", id="disk"),
        pytest.param("OSError: [Errno 122] Disk quota exceeded", "disk is full", id="quota"),
        pytest.param(
            "Can't connect to HTTPS URL because the SSL module is not available. - skipping",
            "has no ssl module",
            id="no ssl module",
        ),
        pytest.param(
            "OSError: Could not find a suitable TLS CA certificate bundle, invalid path: /x",
            "does not exist",
            id="missing certificates",
        ),
        pytest.param("InvalidURL: Failed to parse: https://me", "cannot read the address", id="address"),
        pytest.param("Configuration file contains invalid utf-8", "configuration", id="configuration"),
        pytest.param("Segmentation fault", "pip failed", id="anything else"),
    ],
)
def test_explains_the_output_of_pip(output: str, message: str) -> None:
    cause = diagnose(output, {}, Credentials([]))

    assert message in cause.message
    assert cause.hint


@pytest.mark.parametrize(
    ("value", "is_named"), [("1", True), ("true", True), ("Yes", True), ("0", False), ("off", False), ("", False)]
)
def test_names_a_forbidden_index(value: str, *, is_named: bool) -> None:
    cause = diagnose("ERROR: No matching distribution found for x==1", {"no-index": value}, Credentials([]))

    assert ("PIP_NO_INDEX" in cause.message) is is_named


@pytest.mark.parametrize(
    ("output", "is_named"),
    [("Max retries exceeded", True), ("Segmentation fault", True), ("DO NOT MATCH THE HASHES", False)],
)
def test_names_an_ambiguous_password(output: str, *, is_named: bool) -> None:
    cause = diagnose(output, {}, Credentials(["me:p/ss"]))

    assert ("percent-encode" in cause.hint) is is_named
