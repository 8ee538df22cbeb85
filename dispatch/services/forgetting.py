"""What the routing wrote down of a citizen's own words, forgotten with them."""

from city import snapshot as city
from complaints.models import Event, Report
from dispatch.models import RoutingDecision


def follow(event: Event) -> None:
    """After an edit or an erasure: free answers in the recorded facts become what the report says now.

    Chosen answers stay: they are why the report went where it went (invariant 3) and name nobody. Run it in
    a transaction that has locked the report. Safe to repeat.
    """
    if event.kind not in (Event.Kind.EDITED, Event.Kind.ERASED):
        return
    report = Report.objects.only("answers", "category_id").get(pk=event.report_id)
    category = city.current().categories_by_id.get(report.category_id)
    free = (
        {question.code for question in category.questions if question.kind == "text"} if category else set()
    )
    for decision in RoutingDecision.objects.filter(report=report).only("facts"):
        before = decision.facts.get("answers") or {}
        after = {
            code: report.answers.get(code) if code in free else value
            for code, value in before.items()
            if code not in free or code in report.answers
        }
        if after != before:
            RoutingDecision.objects.filter(pk=decision.pk).update(facts=decision.facts | {"answers": after})
