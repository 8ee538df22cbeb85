"""What reports refer to by code: answers to questions. For safe deletion (`city.services.usage`)."""

from django.utils.translation import gettext as _

from city.models import Category, Question
from city.services import usage
from complaints.models import Report


def register() -> None:
    usage.register("city.question", answered)
    usage.register("city.category", similar_to)
    usage.register("city.choice", chosen)
    for model in ("complaints.cellcount", "complaints.placefigures"):
        usage.ignore(model)


def answered(question: Question) -> list[tuple[str, int]]:
    """Reports that answered it; a group's question is answered by reports of its kinds."""
    kinds = [question.category_id, *question.category.children.values_list("pk", flat=True)]
    rows = Report.objects.filter(category__in=kinds, answers__has_key=question.code)
    return [(_("Reports with an answer"), rows.count())]


def chosen(choice: tuple[Question, str]) -> list[tuple[str, int]]:
    """Reports that gave this answer: its words are read from the question, so they must stay there."""
    question, value = choice
    kinds = [question.category_id, *question.category.children.values_list("pk", flat=True)]
    rows = Report.objects.filter(**{"category__in": kinds, f"answers__{question.code}": value})
    return [(_("Reports with an answer"), rows.count())]


def similar_to(category: Category) -> list[tuple[str, int]]:
    """Other kinds that name this one as similar."""
    lists = Category.objects.exclude(pk=category.pk).values_list("similar", flat=True)
    return [(_("Kinds that name it as similar"), sum(category.code in codes for codes in lists))]
