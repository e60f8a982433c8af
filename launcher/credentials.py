"""Hides the credentials of package indexes and proxies in what pip prints. Pure.

A password with a `/`, `?`, `#` or `@` that is not percent-encoded is cut apart by whoever reads the address, pip's own
masking included, and its parts turn up as a host or a path. So each part is hidden by itself.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S*@", re.IGNORECASE)
_PROXY = re.compile(r"(PIP_PROXY|(HTTPS?|ALL)_PROXY|proxy)", re.IGNORECASE)
_DELIMITER = re.compile(r"[/?#@:]")
_HIDDEN = "****"

ENCODE = (
    "If a password in the address of the index or proxy has a `/`, `?`, `#` or `@`, percent-encode it (`%2F`, `%3F`, "
    "`%23`, `%40`)."
)


class Credentials:
    def __init__(self, user_infos: Iterable[str]) -> None:
        self._user_infos = sorted(set(user_infos), key=len, reverse=True)

    @classmethod
    def of(cls, *settings: Mapping[str, str]) -> "Credentials":
        """Find them in settings of pip and in variables of the environment."""
        return cls(
            user_info
            for mapping in settings
            for name, value in mapping.items()
            if name.upper().startswith("PIP_") or name.islower() or _PROXY.fullmatch(name)
            for user_info in _user_infos(value, is_proxy=bool(_PROXY.fullmatch(name)))
        )

    @property
    def are_ambiguous(self) -> bool:
        """Whether an address can be read in two ways."""
        return any(re.search(r"[/?#]", user_info) for user_info in self._user_infos)

    def hidden_in(self, text: str) -> str:
        text = re.sub(r"(?<=//)\S*@", f"{_HIDDEN}@", text)
        for user_info in self._user_infos:
            for secret in dict.fromkeys([user_info, *_parts(user_info)]):
                # As a word of its own: a user name such as `me` is a part of many words.
                text = re.sub(
                    rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", _HIDDEN, text, flags=re.IGNORECASE
                )
        return text


def _user_infos(value: str, *, is_proxy: bool) -> Iterable[str]:
    for word in value.split():
        if "@" in word and (is_proxy or _ADDRESS.match(word)):
            yield word.rpartition("@")[0].partition("//")[2] if "//" in word else word.rpartition("@")[0]


def _parts(user_info: str) -> Iterable[str]:
    for text in (user_info, unquote(user_info)):
        yield from filter(None, _DELIMITER.split(text))
