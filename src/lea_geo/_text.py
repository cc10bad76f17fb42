"""A text in the three languages of the package."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("fi", "sv", "en")


@dataclass(frozen=True)
class Text:
    """One text in the three languages of the package."""

    fi: str
    sv: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the text in ``fi``, ``sv`` or ``en``."""
        return str(getattr(self, language))

    def as_dict(self) -> dict[str, str]:
        """Return the text as ``{"fi": ..., "sv": ..., "en": ...}``."""
        return {language: self.in_language(language) for language in LANGUAGES}
