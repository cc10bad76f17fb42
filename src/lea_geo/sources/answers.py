"""Whether an answer is one: whole, of the kind that was asked for, and harmless."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
"""What a page begins with; a comment is taken as one piece, so that many of them are no riddle."""
_BOM = b"\xef\xbb\xbf"


class BadAnswer(Exception):  # noqa: N818 - the contract between services and client; no user meets it
    """An answer that cannot be used; ``client`` turns it into a ``SourceError``, or asks again.

    Parameters
    ----------
    reason
        What is wrong, without a full stop.
    again
        Whether asking again may help: the answer was cut off, or the service was busy.
    """

    def __init__(self, reason: str, *, again: bool = False) -> None:
        self.reason = reason
        self.again = again
        super().__init__(reason)


def is_html(content: bytes, content_type: str = "") -> bool:
    """Whether an answer is a page for people: what a service sends when it is down, with status 200."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"text/html", "application/xhtml+xml"} or bool(
        _HTML.match(content[:4096].removeprefix(_BOM))
    )


def refuse_dtd(content: bytes) -> None:
    """Refuse XML that is cut off, or that has a DTD: entities expand to gigabytes or fetch other files."""
    try:
        fromstring(content, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise BadAnswer(
            "it is XML with a DTD or entities, which can hide a bomb or fetch other files"
        ) from None
    except (ParseError, LookupError, ValueError) as error:
        raise BadAnswer(f"it is no whole XML: {error}", again=True) from None


def complete_json(content: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return what a JSON answer holds, or refuse one that is cut off or not in UTF-8."""
    return _parsed(text_of(content.removeprefix(_BOM), "utf-8"))


def _parsed(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except RecursionError:
        raise BadAnswer("it is JSON that is nested too deeply") from None
    except ValueError as error:
        raise BadAnswer(f"it is no whole JSON: {error}", again=True) from None


def text_of(content: bytes, encoding: str) -> str:
    """Return an answer as text, or refuse one that is in another encoding."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        raise BadAnswer(f"it is not in {encoding.upper()} ({error.reason})", again=cut) from None


def check_common(content: bytes, content_type: str) -> None:
    """Refuse what no service may answer: a page for people, XML with a DTD, and what is cut off."""
    kind = content_type.partition(";")[0].strip().lower()
    if is_html(content, content_type):
        raise BadAnswer("it is an HTML page and no data")
    if kind.endswith("xml") or content[:512].removeprefix(_BOM).lstrip().startswith(b"<"):
        refuse_dtd(content)
    elif kind.endswith("json"):
        complete_json(content)
