"""Why a command got no outcome. Nothing of it has taken effect unless said otherwise."""


class CommandFailed(Exception):
    """Root: Busy, Broken."""


class Busy(CommandFailed):
    """The queue is full, the command waited too long, or the database does not answer: try again.

    After a database failure the outcome may be unknown; the same command again settles it.
    """


class Broken(CommandFailed):
    """This command, and no other, can't be carried out: a bug of ours."""
