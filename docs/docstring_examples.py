"""Reads our `Example:` as the section that griffe knows as `Examples:`."""

import re

import griffe


class DocstringExamples(griffe.Extension):
    """Renames the section in every docstring, before it is parsed."""

    def on_object(self, *, obj, **kwargs):
        if obj.docstring:
            text = obj.docstring.value
            obj.docstring.value = re.sub(r"(?m)^( *)Example:$", r"\1Examples:", text)
