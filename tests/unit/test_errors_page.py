from pathlib import Path

from app.api.edge.errors_page import errors_page


def test_the_page_of_errors_is_current():
    page = Path("docs/errors.md").read_text(encoding="utf-8")

    assert page == errors_page(), "run: python -m app.api.edge.errors_page > docs/errors.md"
