"""Why the program will not start, told to a person in both languages."""


class StartRefused(RuntimeError):
    """The program cannot or will not run as things are; nothing was changed. The message says what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en
