"""Findings as a study hands them on: the shared small ones with every column of the schema."""

from dataclasses import replace

import pytest
from small_findings import small_findings

from lea_geo import schema


@pytest.fixture
def findings():
    small = small_findings()
    columns = list(schema.RESULT_COLUMNS)
    return replace(
        small, results={code: frame.reindex(columns=columns) for code, frame in small.results.items()}
    )
