"""Samples on which reviewers try their judgement, and how colleagues marked them."""

import functools
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from badges.enums import Mark
from badges.models import CalibrationMark
from badges.selectors.catalogue import content_folder
from partners.models import User

ENOUGH = 3  # colleagues, before their marks are shown
FILE = "calibration/samples.toml"


@dataclass(frozen=True)
class Sample:
    """One made-up proof with the mark that the authors of the badge would give."""

    code: str
    criterion: str
    evidence: str
    mark: str
    because: str


@dataclass(frozen=True)
class SampleView:
    """A sample as one reviewer sees it: the answer only after their own mark."""

    sample: Sample
    own: str
    agrees: bool
    others: list[dict[str, Any]]


@functools.cache
def samples() -> tuple[Sample, ...]:
    data = tomllib.loads((content_folder() / FILE).read_text(encoding="utf-8"))
    return tuple(Sample(**one) for one in data["samples"])


def samples_for(reviewer: User) -> list[SampleView]:
    """All samples; two queries."""
    own = dict(CalibrationMark.objects.filter(reviewer=reviewer).values_list("sample", "mark"))
    others: dict[str, Counter[str]] = {}
    marks = CalibrationMark.objects.exclude(reviewer=reviewer).values_list("sample", "mark")
    for code, mark in marks:
        others.setdefault(code, Counter())[mark] += 1
    return [
        SampleView(
            sample=one,
            own=own.get(one.code, ""),
            agrees=own.get(one.code) == one.mark,
            others=_shares(others.get(one.code, Counter())) if one.code in own else [],
        )
        for one in samples()
    ]


def _shares(counted: Counter[str]) -> list[dict[str, Any]]:
    if counted.total() < ENOUGH:
        return []
    return [
        {"word": mark.label, "count": counted[mark.value], "of": counted.total()} for mark in Mark
    ]
