import pytest
from diagnosis import diagnose


@pytest.mark.parametrize(
    ("output", "message"),
    [
        pytest.param(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one", id="hashes"
        ),
        pytest.param(
            "WARNING: Retrying after connection broken by 'NewConnectionError(...)': /simple/anyio/\n"
            "ERROR: No matching distribution found for anyio==4.16.0",
            "cannot be reached",
            id="network, told as a missing distribution in the end",
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
        pytest.param("Configuration file contains invalid utf-8", "configuration", id="configuration"),
        pytest.param("Segmentation fault", "pip failed", id="anything else"),
    ],
)
def test_what_pip_says_is_told_in_words(output: str, message: str) -> None:
    cause = diagnose(output)

    assert message in cause.message
    assert cause.hint
