"""Draws what happens every day: a Qovery that answers as it documents, colleagues, other pipelines, a shaky network."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from qovery_sandbox.answers import json_error
from qovery_sandbox.connection import Drop
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import When
from qovery_sandbox.outages import CutOff, Dropped, Late
from tests.properties.episodes import BYSTANDER_ID, Doing, Episode, doings, episodes_with

_ENDS = ("DEPLOYED", "DEPLOYED", "DEPLOYMENT_ERROR")
#: Seconds at which others come: with ours, while it waits or runs, or later.
_MOMENTS = (0.0, 1.5, 3.0, 6.0, 12.0, 20.0, 30.0, 60.0, 80.0)


def usual_episodes() -> st.SearchStrategy[Episode]:
    """Draw deployments beside those of colleagues, of other services, and of other runs of the same pipeline."""
    inputs = st.fixed_dictionaries(
        {"timeout": st.just("10m")}, optional={"chart_version": st.just("1.5.0"), "force_event": st.just("DIFF")}
    )
    return episodes_with(
        dialect=_dialects(),
        seconds=st.sampled_from([4.0, 6.0, 20.0, 60.0]),
        end=st.sampled_from(_ENDS),
        doings=st.builds(lambda before, beside: (*before, *beside), _before(), st.lists(_beside(), max_size=2)),
        faults=st.lists(_troubles(), max_size=1).map(tuple),
        inputs=inputs.map(lambda chosen: tuple(chosen.items())),
        has_difference=st.just(True),  # noqa: FBT003
        companions=st.lists(st.sampled_from(_ENDS), max_size=2).map(tuple),
    )


def has_another_like_ours(episode: Episode) -> bool:
    """Whether a pipeline deploys the service besides, so that it may be undecidable which deployment is whose."""
    return any(
        doing.kind == "deploy" and doing.origin == "API" and doing.service_id in episode.service_ids
        for doing in episode.doings
    )


def _dialects() -> st.SearchStrategy[Dialect]:
    """Draw a Qovery that answers as it documents, shows what happens within seconds, and names what runs."""
    lags = st.sampled_from([0.0, 0.0, 1.0, 3.0])
    return st.builds(
        Dialect,
        accepted_body=st.sampled_from(["fresh", "previous"]),
        id_while_queued=st.sampled_from(["own", "at_rest", "null"]),
        id_while_running=st.sampled_from(["stays", "null", "next"]),
        id_after_end=st.sampled_from(["stays", "null"]),
        queued_state=st.sampled_from(["DEPLOYMENT_QUEUED", "QUEUED", "previous"]),
        status_lag=lags,
        history_lag=lags,
        dispatch_delay=st.sampled_from([0.0, 2.0]),
        merge_survivor=st.sampled_from(["older", "newer"]),
        merged_id_in_answer=st.sampled_from(["own", "survivor"]),
        dates=st.booleans(),
        history_created_at=st.sampled_from(["began", "accepted"]),
    )


def _before() -> st.SearchStrategy[list[Doing]]:
    """Draw what occupies the environment, if anything: another service is deployed."""
    occupied = st.builds(
        replace,
        doings(),
        at=st.just(0.0),
        kind=st.just("deploy"),
        seconds=st.sampled_from([4.0, 12.0, 25.0]),
        end=st.just("DEPLOYED"),
        version=st.none(),
        service_id=st.just(BYSTANDER_ID),
    )
    return st.lists(occupied, max_size=1)


def _beside() -> st.SearchStrategy[Doing]:
    drawn = st.builds(
        replace,
        doings(),
        kind=st.sampled_from(["deploy", "deploy", "deploy", "restart", "stop"]),
        at=st.sampled_from(_MOMENTS),
        seconds=st.sampled_from([4.0, 15.0, 30.0]),
        end=st.sampled_from(_ENDS),
        version=st.sampled_from([None, None, "2.0.0", "1.4.9"]),
    )
    # Who restarts or stops a service does so once our own deployment may have begun.
    return drawn.map(lambda doing: doing if doing.kind == "deploy" else replace(doing, at=max(doing.at, _MOMENTS[1])))


def _troubles() -> st.SearchStrategy[tuple[When, object]]:
    """Draw some seconds in which most reads fail."""
    return st.builds(
        lambda wrong, since, length: (When(method="GET", since=since, until=since + length, probability=0.7), wrong),
        wrong=st.sampled_from(
            [Dropped(Drop.RESET), CutOff(), Late(after=3), json_error(429), json_error(500), json_error(503)]
        ),
        since=st.integers(0, 40),
        length=st.sampled_from([3.0, 8.0]),
    )
