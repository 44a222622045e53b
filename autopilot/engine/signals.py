"""How a run ends other than by returning: none of these is an Exception, so no handler catches them by accident."""


class RunEnded(BaseException):
    """The run is over for now; the engine knows why."""


class Suspended(RunEnded):
    """The job waits in the database; the handler runs again from the top when it goes on."""


class LeaseLost(RunEnded):
    """Another process owns the job now; nothing this run does counts any more."""


class CancelSeen(RunEnded):
    """Somebody cancelled the job while it ran."""


class GivenBack(RunEnded):
    """The process is to stop or the worker is paused; the job goes on elsewhere, and no attempt is counted."""
