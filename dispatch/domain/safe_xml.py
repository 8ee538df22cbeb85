"""Reading XML that strangers wrote: elements and text, nothing that can grow, reach out or nest for ever."""

from dataclasses import dataclass, field
from xml.parsers import expat

MAX_ELEMENTS = 50_000
MAX_DEPTH = 20


class UnsafeXmlError(ValueError):
    """Not well-formed, or more than an answer needs: a document type, entities, too deep, too many."""


@dataclass(slots=True)
class Element:
    tag: str
    text: str = ""
    children: list["Element"] = field(default_factory=list)


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.path: list[Element] = []
        self.count = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.path) >= MAX_DEPTH:
            raise UnsafeXmlError("too many elements, or too deep")
        element = Element(tag.rpartition(":")[2])
        if self.path:
            self.path[-1].children.append(element)
        else:
            self.root = element
        self.path.append(element)

    def end(self, _tag: str) -> None:
        self.path.pop()

    def data(self, text: str) -> None:
        if self.path:
            self.path[-1].text += text

    def refuse(self, *_details) -> None:
        raise UnsafeXmlError("a document type or entity is declared")


def parse(body: bytes) -> Element:
    """The root element. Raises UnsafeXmlError. Declared entities, and with them every bomb and every way to
    other files, are refused before anything is expanded; the body's length is the caller's to limit."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = builder.refuse
    parser.ExternalEntityRefHandler = builder.refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as exc:
        raise UnsafeXmlError(str(exc)) from None
    except (ValueError, LookupError) as exc:  # an encoding that nobody knows, a multi-byte one
        raise UnsafeXmlError(str(exc)) from None
    if builder.root is None:
        raise UnsafeXmlError("empty")
    return builder.root
