"""Rings for the workers, to be called after the commit; losing one is harmless."""

from collections.abc import Callable

from techvet.doorbell import ring


def ring_to_issue(award_id: int) -> Callable[[], None]:
    def ring_issue_award() -> None:
        from badges.tasks import issue_award

        ring(issue_award, award_id)

    return ring_issue_award


def ring_to_publish(list_id: int) -> Callable[[], None]:
    def ring_publish_status_list() -> None:
        from badges.tasks import publish_status_list

        ring(publish_status_list, list_id)

    return ring_publish_status_list


def ring_to_endorse(endorsement_id: int) -> Callable[[], None]:
    def ring_sign_endorsement() -> None:
        from badges.tasks import sign_endorsement

        ring(sign_endorsement, endorsement_id)

    return ring_sign_endorsement
