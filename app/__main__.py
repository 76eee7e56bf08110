"""`lijian`, also as `python -m app`. Imports nothing at the top: every worker imports this file before its own."""


def main() -> None:
    """Run the program."""
    from app.cli import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
