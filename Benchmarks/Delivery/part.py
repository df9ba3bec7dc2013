"""What a part of the delivery benchmark gives back."""

from dataclasses import dataclass, field


@dataclass
class Figure:
    what: str
    wanted: str
    seen: str
    reached: bool


@dataclass
class Part:
    figures: list = field(default_factory=list)
    # Lines of Markdown.
    section: list = field(default_factory=list)


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
