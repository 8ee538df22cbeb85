"""What phones fetch carries no comments, and nothing else is lost."""

import pytest

from lapor.storage import without_comments


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("js/a.js", "/* What\n   it is. */\nlet a = 1;\n", "let a = 1;\n"),
        ("js/a.js", "  // why\n  let a = 1; // why\n", "  let a = 1; // why\n"),
        ("js/a.js", 'const b = "https://a.example"; /* x */\n', 'const b = "https://a.example"; /* x */\n'),
        ("js/a.js", "/** Doc. */\nexport const c = /a\\/\\*b/;\n", "export const c = /a\\/\\*b/;\n"),
        ("css/a.css", "/* Rows. */\na {\n  /* why */\n  color: red;\n}\n", "a {\n  color: red;\n}\n"),
        (
            "css/a.css",
            "a {\n  background: url(//b.example);\n}\n",
            "a {\n  background: url(//b.example);\n}\n",
        ),
    ],
)
def test_comments_on_lines_of_their_own_are_left_out(name, text, left):
    assert without_comments(text, name) == left
