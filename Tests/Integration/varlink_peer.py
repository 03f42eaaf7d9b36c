"""varlink_peer.py SOCKET: asks what is asked on stdin, a JSON list of [METHOD, PARAMETERS], by the PyPI package `varlink` and once more without it.

Prints one JSON object: the `interfaces`, and for each question the `reply` (or `error`), and what is `wrong` with it by the description that the
service gives, as another reader of it understands it. The first question is asked with `more` where its third part is true, and one reply is taken.
"""

import json
import sys

import varlink
from varlink import scanner

from control import Control, Refused


def kind(value) -> str:
    return type(value).__name__


def wrong(interface, declared, value, place: str) -> list[str]:
    """What of a value is not as it was declared. Stricter than the package: nothing may be there that was not declared, nothing be left out."""
    if isinstance(declared, scanner._CustomType):
        return wrong(interface, interface.members[declared.name].type, value, place)
    if isinstance(declared, scanner._Maybe):
        return [] if value is None else wrong(interface, declared.element_type, value, place)
    if isinstance(declared, scanner._Struct):
        if not isinstance(value, dict):
            return [f"{place}: {kind(value)} instead of an object"]
        found = [f"{place}.{name}: not declared" for name in value if name not in declared.fields]
        for name, inner in declared.fields.items():
            if name not in value:
                found.append(f"{place}.{name}: missing")
            else:
                found += wrong(interface, inner, value[name], f"{place}.{name}")
        return found
    if isinstance(declared, scanner._Array):
        if not isinstance(value, list):
            return [f"{place}: {kind(value)} instead of an array"]
        return [one for index, inner in enumerate(value) for one in wrong(interface, declared.element_type, inner, f"{place}[{index}]")]
    if isinstance(declared, scanner._Dict):
        if not isinstance(value, dict):
            return [f"{place}: {kind(value)} instead of a map"]
        return [one for name, inner in value.items() for one in wrong(interface, declared.element_type, inner, f"{place}[{name}]")]
    if isinstance(declared, scanner._Enum):
        return [] if value in list(declared.fields) else [f"{place}: {value!r} is none of {list(declared.fields)}"]
    if isinstance(declared, scanner._Object):
        return [] if isinstance(value, dict) else [f"{place}: {kind(value)} instead of an object"]
    # The scanner gives an example of each plain type.
    return [] if type(value) is type(declared) else [f"{place}: {kind(value)} instead of {kind(declared)}"]


def ask(socket: str, interface, connection, method: str, parameters: dict, more: bool = False) -> dict:
    answer = {"method": method}
    with Control(socket) as control:
        control.send(f"io.sandboxd.{method}", parameters, more=more)
        try:
            answer["reply"] = control.receive()
        except Refused as refused:
            answer["error"], answer["parameters"] = refused.name, refused.parameters
            name = refused.name.removeprefix("io.sandboxd.")
            declared = interface.members.get(name)
            answer["wrong"] = wrong(interface, declared.type, refused.parameters, name) if declared else []
            return answer
    answer["wrong"] = wrong(interface, interface.get_method(method).out_type, answer["reply"], method)
    if not more:
        getattr(connection, method)(**parameters)  # raises where the package does not understand the answer
    return answer


def main(socket: str, questions: list) -> dict:
    with varlink.Client.new_with_address(f"unix:{socket}") as client:
        interfaces = list(client.get_interfaces())
        described = {name: list(client.get_interface(name).members) for name in interfaces}
        with client.open("io.sandboxd") as connection:
            interface = client.get_interface("io.sandboxd")
            answers = [ask(socket, interface, connection, *question) for question in questions]
        methods = [name for name, member in interface.members.items() if isinstance(member, scanner._Method)]
    return {"interfaces": described, "methods": methods, "answers": answers}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.load(sys.stdin))))
