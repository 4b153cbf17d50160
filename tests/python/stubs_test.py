"""The type stub of the extension module names what the module has, argument by argument."""

import ast
import pathlib

import reformer
from reformer import _native

stubgen = __import__("pytest").importorskip("nanobind.stubgen")


def names(source):
    """{"Model.logits": ["self", "tokens", ...], ...} of a stub."""
    found = {}

    def visit(nodes, prefix):
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                found[prefix + node.name] = []
                visit(node.body, prefix + node.name + ".")
            elif isinstance(node, ast.FunctionDef):
                arguments = node.args
                found[prefix + node.name] = [
                    a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs
                ]

    visit(ast.parse(source).body, "")
    return found


def test_the_stub_names_what_the_module_has():
    generator = stubgen.StubGen(_native)
    generator.put(_native)
    of_module = names(generator.get())
    of_module["Error"] = []  # an imported name there
    stub = pathlib.Path(reformer.__file__).with_name("_native.pyi")
    of_stub = names(stub.read_text())
    assert of_stub == of_module
    assert len(of_stub) > 25
