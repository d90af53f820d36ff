"""`python -m mcfsm`, and the command `mcfsm`: the command line, also where Ctrl-C comes before it is there."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status; 2 where it is interrupted before it could begin."""
    try:
        from mcfsm.commands.cli import main as run

        run()
    except KeyboardInterrupt:
        print("interrupted by Ctrl-C: nothing was found yet", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
