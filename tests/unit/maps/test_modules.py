"""The modules of the page stand together in one scope."""

import re

from lea_geo.maps.modules import in_order, joined_modules, modules

_DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let)\s+(\w+)", re.MULTILINE)
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)


def _texts():
    return {file.name.removesuffix(".js"): file.read_text("utf-8") for file in modules().iterdir()}


def test_the_page_carries_every_module_and_each_after_what_it_takes_at_once():
    order = in_order()
    assert set(order) == set(_texts())
    assert order[-1] == "main"


def test_no_two_modules_use_the_same_name_on_their_top_level():
    names = [name for text in _texts().values() for name in _DECLARED.findall(text)]
    assert {name for name in names if names.count(name) > 1} == set()


def test_modules_import_and_export_only_in_the_forms_that_are_joined():
    for name, text in _texts().items():
        words = re.findall(r"^(?:import|export)\b.*", text, re.MULTILINE)
        imports = _IMPORT.findall(text)
        assert len(imports) == sum(word.startswith("import") for word in words), name
        exported = r"export (?:async function|function|class|const) "
        assert all(re.match(exported, word) for word in words if word.startswith("export")), name
        for taken, source in imports:
            given = re.findall(
                r"^export (?:async function|function|class|const) (\w+)", _texts()[source], re.MULTILINE
            )
            asked = {one.strip() for one in taken.split(",") if one.strip()}
            assert asked <= set(given), (name, source)


def test_the_joined_script_holds_no_word_of_modules():
    assert not re.findall(r"^(?:import|export) ", joined_modules(), re.MULTILINE)
