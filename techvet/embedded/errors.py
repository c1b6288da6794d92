"""Why the portal would not start: one line for the person, one exit code for scripts."""

import enum


class Exit(enum.IntEnum):
    """Exit codes of `./portal`; 10 to 12 come from the shell script (docs/operators/running.md)."""

    DATA_FOLDER = 20  # cannot be made or written
    FOREIGN_FOLDER = 21  # holds a database that is not the portal's, or of another major version
    ALREADY_RUNNING = 22
    PORT_TAKEN = 23
    SERVER_FAILED = 24  # Postgres or Valkey did not become ready
    PREPARE_FAILED = 25  # migrations or first data
    BAD_VALUE = 26  # an environment variable


class StartRefused(Exception):
    """The portal cannot start. `str(error)` is one line, made to be shown as it is."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
