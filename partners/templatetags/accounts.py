"""What the pages of signing in need beside allauth's own context."""

from allauth.account.internal.stagekit import get_pending_stage
from django import template

from partners.services import second_factor

register = template.Library()


@register.simple_tag(takes_context=True)
def demo_code(context: template.Context) -> str:
    """The code of a demo account that is signing in, or is signed in; else nothing."""
    request = context.get("request")
    if request is None:
        return ""
    stage = get_pending_stage(request)
    person = stage.login.user if stage else request.user
    if not getattr(person, "is_demo", False):
        return ""
    return second_factor.demo_code(person) or ""
