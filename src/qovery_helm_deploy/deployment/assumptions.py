"""Everything that the engine assumes about Qovery and that no public source promises.

Each assumption says where it comes from and what breaks if it is wrong. Times are seconds.
"""

from __future__ import annotations

#: The queue shows a change after this time at the latest. Source: none; Qovery's console refreshes within seconds.
#: If wrong: a request that still waits is taken to have left the queue, so another execution may count as its own.
QUEUE_LAG = 3.0

#: Statuses, history, and the answer about a request show a change after this time at the latest. Source: Qovery's CLI
#: and Terraform provider sleep 3 to 5 seconds against stale statuses. If wrong: as for the queue.
LONGEST_LAG = 5.0

#: An execution usually begins within this time after its request left the queue; a later one is a coincidence.
#: Source: none. If wrong: an execution that begins later is taken for somebody else's if another one fits better.
USUAL_START = 5.0

#: A request that is neither queued nor run for this long was removed from the queue. Counted from the last sign that
#: something waits or runs. Source: none. If wrong: a deployment that begins later is reported as canceled.
LONGEST_START = 60.0

#: The same for a request with `forceEvent=DIFF`, which may run nothing. Source: none. If wrong: a deployment that
#: begins later is reported as unchanged.
LONGEST_START_OF_DIFF = 10.0

#: Qovery may accept a request whose answer was lost until this long after the connection broke. Source: the usual
#: limits of proxies. If wrong: one deployment is requested twice.
LATEST_ACCEPTANCE = 30.0

#: Usually Qovery has accepted it by then; a later acceptance is a coincidence. Source: none.
USUAL_ACCEPTANCE = 1.0

#: The origin that Qovery shows for a request made with a token. Source: the name. If wrong: after a lost answer, our
#: request is taken for somebody else's, and the deployment is requested twice.
OUR_ORIGIN = "API"

#: The engine concludes what all stories share that have up to this many coincidences more than the simplest one. None
#: would double the false greens of small histories; with two, almost nothing is ever decided.
TOLERANCE = 1

#: More requests or executions than this that may matter leave the result undecided: the number of stories grows fast.
MOST_REQUESTS = 4
MOST_EXECUTIONS = 6
