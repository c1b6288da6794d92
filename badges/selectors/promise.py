"""The promise to the applicant: an answer within ten working days, Monday to Friday."""

import datetime as dt

from badges.selectors.catalogue import catalogue


def working_days_after(day: dt.date, count: int) -> dt.date:
    """The `count`-th working day after `day`; public holidays differ and are not known here."""
    while count > 0:
        day += dt.timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day


def answer_by(sent_on: dt.date) -> dt.date:
    return working_days_after(sent_on, catalogue().answer_working_days)
