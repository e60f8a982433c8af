"""Draws lag against requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.pace import Comparison


def draw(lengths: Sequence[Comparison], path: Path) -> None:
    """Draw a panel for each length; the same figures make the same file."""
    mpl.rcParams["svg.hashsalt"] = "qovery-helm-deploy"
    figure = Figure(figsize=(12, 6.5), layout="constrained")
    for axes, each in zip(figure.subplots(2, 4, sharex=True).flat, lengths, strict=False):
        cli, *fixed = each.peers
        axes.plot([peer.requests for peer in fixed], [peer.median for peer in fixed], "o-", color="0.6", label="fixed")
        axes.plot(cli.requests, cli.median, "s", color="tab:red", label="Qovery's CLI")
        axes.plot(each.without_history.requests, each.without_history.median, "^", color="tab:blue", label="no history")
        axes.plot(each.with_history.requests, each.with_history.median, "*", ms=14, color="tab:green", label="history")
        axes.axvline(1000, color="tab:red", lw=0.8, ls=":")
        axes.set(
            title=each.durations.name,
            xlabel="requests",
            ylabel="median lag, s",
            xscale="log",
            xlim=(4, 10_000),
            ylim=(0, None),
        )
    figure.axes[0].legend()
    figure.axes[-1].remove()
    figure.suptitle("Lag against requests; the dotted line is what Qovery allows in an hour")
    figure.savefig(path, metadata={"Date": None})
