"""Joining modules: each in its own scope, once, in the order in which they are needed."""

import shutil
import subprocess

import pytest

from lapor import bundles

SOURCES = {
    "js/main.js": (
        'import { one, twice } from "./parts/a.js";\nimport "./parts/plain.js";\n'
        'const late = () => import("./parts/late.js");\nconsole.log(twice(one) + self.seen, typeof late);\n'
    ),
    "js/parts/a.js": (
        'import { factor } from "../b.js";\nexport const one = 1;\n'
        "export function twice(value) {\n  return value * factor;\n}\n"
    ),
    "js/b.js": "const one = 5;\nexport const factor = one - 3;\n",
    "js/parts/plain.js": 'import { factor } from "../b.js";\nself.seen = factor;\n',
}


def test_a_joined_module_does_what_its_parts_do():
    text = bundles.joined_modules("js/main.js", SOURCES.__getitem__, "js/bundle")
    assert text.count("const factor") == 1
    assert text.index("m_b = ") < text.index("m_parts_a = ") < text.index("m_main = ")
    assert 'import("../parts/late.js")' in text
    assert "export " not in text
    if node := shutil.which("node"):
        script = "globalThis.self = globalThis;\n" + text
        done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True)
        assert (done.stdout, done.stderr) == ("4 function\n", "")


@pytest.mark.parametrize(
    "source",
    [
        'import * as all from "./b.js";\n',
        'import x from "./b.js";\n',
        'import { a as b } from "./b.js";\n',
        "export default 1;\n",
        "export { one };\n",
    ],
)
def test_forms_that_cannot_be_joined_are_refused(source):
    with pytest.raises(ValueError, match="cannot be joined"):
        bundles.joined_modules("js/c.js", {**SOURCES, "js/c.js": source}.__getitem__, "js/bundle")


def test_styles_come_in_their_order():
    sheets = {"css/a.css": "a {}", "css/b.css": "b {}"}
    assert bundles.joined_styles(["css/b.css", "css/a.css"], sheets.__getitem__) == "b {}\na {}"
