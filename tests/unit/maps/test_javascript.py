"""The page's JavaScript, tested by node: what needs no page is tested without one."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_tests_in_javascript_pass(node):
    files = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))
    assert files
    done = subprocess.run(
        [node, "--test", *files], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
