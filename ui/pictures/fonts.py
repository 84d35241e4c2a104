"""Which letters can be drawn: those of the fonts at hand. Chinese needs a font of the system's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei"),
    *("WenQuanYi Micro Hei", "Droid Sans Fallback", "AR PL UMing CN", "PingFang SC", "Hiragino Sans GB"),
    *("Microsoft YaHei", "SimHei", "Arial Unicode MS"),
)
ALWAYS = "DejaVu Sans"  # comes with matplotlib


@lru_cache
def families() -> tuple[str, ...]:
    """The fonts to draw with, in order."""
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return (ALWAYS, *(name for name in CHINESE if name in known))


@lru_cache
def _letters() -> frozenset[str]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    found = (get_font(findfont(FontProperties(family=name))).get_charmap() for name in families())
    return frozenset(chr(code) for charmap in found for code in charmap)


def readable(texts: Iterable[str]) -> bool:
    """Whether every letter of them can be drawn; signs that can't (an emoji) may be left out."""
    return not any(c.isalpha() and c not in _letters() for text in texts for c in text)


def drawn(text: str) -> str:
    """The text without what no font has."""
    return "".join(c for c in text if c.isspace() or c in _letters())
