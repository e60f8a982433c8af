from __future__ import annotations

import re

from tests.messages import LIST, messages

#: Words that a reader has to think about.
UNCLEAR = re.compile(r"\b(mend|tells?|told|ours|goes on|go on|wants?|trying on)\b", re.IGNORECASE)


def test_list_of_messages_is_current() -> None:
    assert LIST.read_text(encoding="utf-8") == messages(), "run make messages, and review the difference"


def test_messages_have_plain_words() -> None:
    assert [line for line in messages().splitlines() if UNCLEAR.search(line)] == []
