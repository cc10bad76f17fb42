"""The examples of docs/support.md run and give what they say."""

import doctest
from pathlib import Path


def test_the_examples_of_the_page_give_what_it_says():
    page = Path(__file__).parents[4] / "docs" / "support.md"
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.attempted > 15
    assert result.failed == 0
