"""Asks a service, patiently and within bounds, and keeps what it answers."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from lea_geo import __version__
from lea_geo._checks import sources as messages
from lea_geo._progress import steps
from lea_geo.sources._http import WHOLE, Busy, Question, Refused, Session, answer_into
from lea_geo.sources.answers import BadAnswer, check_common
from lea_geo.sources.cache import Record, key_of
from lea_geo.sources.registry import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from lea_geo.sources.cache import Cache, Fetched
    from lea_geo.sources.registry import Registry, Source

USER_AGENT = f"lea_geo/{__version__}"
LONGEST_WAIT = 60.0
"""Seconds between two tries; a service that asks for a longer pause is not waited for."""


class Client:
    """Asks the services of a registry and keeps every answer in a cache.

    Parameters
    ----------
    registry
        Whom may be asked: no host that it does not name, redirects included.
    cache
        Where answers are kept. One that is there is not asked for again.
    offline
        Take everything from the cache and open no connection.
    timeout
        Seconds to connect, and seconds without a byte, after which a try has failed.
    deadline
        Seconds after which a try has failed, however many bytes still come.
    tries
        How often a question is asked whose answer is late, cut off or ``busy`` (429, 5xx).
    wait
        Seconds before the second try; each further pause is twice as long, at most a minute. A service's
        ``Retry-After`` is kept where it is longer, and the try fails where it is longer than a minute.
    most_bytes
        The largest answer, after it is unpacked.
    progress
        Show on stderr what is being fetched.
    """

    def __init__(
        self,
        registry: Registry,
        cache: Cache,
        *,
        offline: bool = False,
        timeout: tuple[float, float] = (10.0, 60.0),
        deadline: float = 300.0,
        tries: int = 4,
        wait: float = 1.0,
        most_bytes: int = 300_000_000,
        progress: bool = False,
    ) -> None:
        self.registry = registry
        self.cache = cache
        self.offline = offline
        self.timeout = timeout
        self.deadline = deadline
        self.tries = tries
        self.wait = wait
        self.most_bytes = most_bytes
        self.answers: list[Fetched] = []
        """Every answer that was given, from the cache or not."""
        self._session = Session(USER_AGENT)
        self._calls: dict[str, deque[float]] = {}
        self._bar = steps(shown=progress)
        self._at = self._bar.__enter__()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._session.close()
        self._bar.__exit__(None, None, None)

    def get(
        self,
        source: Source,
        url: str,
        *,
        params: Sequence[tuple[str, object]] = (),
        json: Any = None,  # noqa: ANN401 - JSON
        check: Callable[[bytes, str], None] | None = None,
    ) -> Fetched:
        """Return the answer to one question, from the cache where it is there.

        Parameters
        ----------
        source
            Whose answer it is.
        url
            The address without what is asked.
        params
            What is asked, in pairs; names may repeat.
        json
            Posted, where it is given.
        check
            Called with the answer and its content type; raises ``BadAnswer``. HTML, XML with a DTD, and JSON
            or XML that is cut off are refused without it. What fails never enters the cache.

        Raises
        ------
        SourceError
            The service cannot be asked, or its answer cannot be used; offline, the cache does not hold it.
        """
        pairs = [(name, str(value)) for name, value in params]
        query: dict[str, Any] = {"params": [list(pair) for pair in pairs]}
        if json is not None:
            query["json"] = json
        key = key_of(url, query)
        if not self._allowed(url):
            raise messages.refuse_host(source.name, url, self.registry.hosts)
        kept = self.cache.find(key)
        if kept is None:
            if self.offline:
                raise messages.refuse_missing(source.name, url, query, self.cache.folder)
            self._at.begin(f"fetching: {source.name}")
            asked = self._question(url, pairs, json)
            kept = self._ask(source, asked, lambda: self._once(source, asked, key, query, check))
        self.answers.append(kept)
        return kept

    def _question(self, url: str, pairs: Sequence[tuple[str, str]], json: Any) -> Question:  # noqa: ANN401 - JSON
        return Question(url, pairs, json, self.timeout, self.deadline, self.most_bytes, self._allowed)

    def _allowed(self, url: str) -> bool:
        """Whether the registry names the host, and names it without encryption where the address has none."""
        try:
            scheme, host = urlsplit(url).scheme, host_of(url)
        except ValueError:
            return False
        hosts = {"https": self.registry.hosts, "http": self.registry.plain_hosts}
        return host in hosts.get(scheme, ())

    def _ask(self, source: Source, asked: Question, once: Callable[[], Fetched]) -> Fetched:
        tried = Retrying(
            stop=stop_after_attempt(self.tries),
            wait=self._pause,
            retry=retry_if_exception(self._may_help),
            reraise=True,
        )
        try:
            return tried(once)
        except BadAnswer as bad:
            times = tried.statistics.get("attempt_number", 1)
            pause = _asked_for(bad) if _asked_for(bad) > LONGEST_WAIT else 0
            raise messages.refuse_answer(
                source.name, asked.url, bad.reason, tries=times, pause=pause
            ) from None
        except Refused as elsewhere:
            hosts = self.registry.hosts
            raise messages.refuse_host(source.name, elsewhere.url, hosts, redirected=True) from None

    def _may_help(self, error: BaseException) -> bool:
        return isinstance(error, BadAnswer) and error.again and _asked_for(error) <= LONGEST_WAIT

    def _pause(self, state: RetryCallState) -> float:
        grown = min(self.wait * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT)
        error = state.outcome.exception() if state.outcome else None
        return max(grown, _asked_for(error))

    def _once(
        self,
        source: Source,
        asked: Question,
        key: str,
        query: dict[str, Any],
        check: Callable[[bytes, str], None] | None,
    ) -> Fetched:
        self._keep_pace(source)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.cache.incoming() as file:
            kind = answer_into(self._session, asked, file)
            content = _content(file)
            check_common(content, kind)
            if check is not None:
                check(content, kind)
            record = Record(
                source=source.name,
                url=asked.url,
                query=query,
                time=now,
                licence=source.licence,
                owner=source.owner,
                sha256=hashlib.sha256(content).hexdigest(),
                bytes=len(content),
                content_type=kind,
            )
            return self.cache.keep(key, file, record)

    def _keep_pace(self, source: Source) -> None:
        """Wait until one more call is within what the service asks."""
        limits = source.limits
        if limits.calls is None or limits.seconds is None:
            return
        made = self._calls.setdefault(source.name, deque(maxlen=limits.calls))
        if len(made) == limits.calls:
            time.sleep(max(0.0, made[0] + limits.seconds - time.monotonic()))
        made.append(time.monotonic())


def _content(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _asked_for(error: BaseException | None) -> float:
    """Return the seconds that a service asks to wait: a number or a date, 0 where it asks nothing."""
    after = error.after.strip() if isinstance(error, Busy) else ""
    if WHOLE.fullmatch(after):
        return float(after)
    try:
        return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
