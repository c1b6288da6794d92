"""`python -m techvet.embedded run | manage`: what the `portal` script calls."""

import os
import signal
import subprocess
import sys

from techvet.embedded import addresses_of, own_servers, programs, serving
from techvet.embedded.errors import Exit, StartRefused
from techvet.embedded.folder import hold, holder_name, open_folder
from techvet.embedded.portal import Portal


def manage(arguments: list[str]) -> int:
    """Run manage.py against the running portal's servers, else against servers of our own."""
    folder = open_folder(programs.data_dir())
    command = [sys.executable, str(programs.PROJECT / "manage.py"), *arguments]
    outside = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
    if outside or holder_name(folder) == "run":
        addresses = addresses_of(own_servers(folder) if not outside else [])
        values = programs.environment(folder, addresses, may_sign=True)
        os.execve(sys.executable, command, dict(values))
    # leave by the way that stops the command and the servers
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with serving(folder.path, holder="manage") as addresses:
        values = programs.environment(folder, addresses, may_sign=True)
        return subprocess.run(command, env=values, check=False).returncode


def main(arguments: list[str]) -> int:
    command, *rest = arguments or [""]
    try:
        if command == "run" and not rest:
            folder = open_folder(programs.data_dir())
            with hold(folder, "run"):
                return Portal(folder).run()
        if command == "manage":
            return manage(rest)
    except StartRefused as refused:
        print(f"portal: {refused}", file=sys.stderr)
        return int(refused.code)
    except KeyboardInterrupt:
        return 130
    print("usage: python -m techvet.embedded run | manage ...", file=sys.stderr)
    return int(Exit.BAD_VALUE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
