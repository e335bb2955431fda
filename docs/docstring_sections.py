"""Reads the sections of our docstrings that griffe knows by other names."""

import re

import griffe


class DocstringSections(griffe.Extension):
    """Renames them in every docstring, before it is parsed."""

    def on_object(self, *, obj, **kwargs):
        if obj.docstring:
            obj.docstring.value = _renamed("Example", "Examples", obj.docstring.value)

    def on_class(self, *, cls, **kwargs):
        # What `call` of a layer returns, not what the class does.
        if cls.docstring:
            cls.docstring.value = _renamed(
                "Returns", "Call returns", cls.docstring.value
            )


def _renamed(section, name, text):
    return re.sub(rf"(?m)^( *){section}:$", rf"\1{name}:", text)
