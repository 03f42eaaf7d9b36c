"""The BPF objects of one policy, wherever they are held: found among all of the host's by the size of its map of endpoints."""

import ctypes
import os
import platform
import struct

SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
PROGRAM_NEXT, MAP_NEXT, PROGRAM_BY_ID, MAP_BY_ID, INFO, LINK_BY_ID, LINK_NEXT = 11, 12, 13, 14, 15, 30, 31
INFO_SIZE, MOST_MAPS = 256, 64

_call = ctypes.CDLL(None, use_errno=True).syscall


def _bpf(command: int, attribute: bytearray) -> int:
    buffer = (ctypes.c_char * len(attribute)).from_buffer(attribute)
    return _call(SYS_BPF, command, buffer, len(attribute))


def _ids(command: int):
    """Every id of one kind (BPF_*_GET_NEXT_ID)."""
    attribute = bytearray(struct.pack("III", 0, 0, 0))
    while _bpf(command, attribute) == 0:
        found = struct.unpack_from("I", attribute, 4)[0]
        yield found
        struct.pack_into("I", attribute, 0, found)


def _info(command: int, number: int, prepare=lambda info: None) -> bytearray | None:
    """What the kernel says of one object (BPF_OBJ_GET_INFO_BY_FD); None when it is gone by now."""
    descriptor = _bpf(command, bytearray(struct.pack("III", number, 0, 0)))
    if descriptor < 0:
        return None
    info = bytearray(INFO_SIZE)
    prepare(info)
    address = ctypes.addressof((ctypes.c_char * INFO_SIZE).from_buffer(info))
    try:
        return info if _bpf(INFO, bytearray(struct.pack("IIQ", descriptor, INFO_SIZE, address))) == 0 else None
    finally:
        os.close(descriptor)


def _maps_of(program: int) -> set[int]:
    ids = (ctypes.c_uint32 * MOST_MAPS)()

    def prepare(info):
        struct.pack_into("=IQ", info, 52, MOST_MAPS, ctypes.addressof(ids))

    info = _info(PROGRAM_BY_ID, program, prepare)
    return set(ids[:struct.unpack_from("I", info, 52)[0]]) if info else set()


def newest() -> dict[str, int]:
    """The numbers of what was made last: a program, a map and a link."""
    return {name: max(_ids(command), default=0) for name, command in (("loaded", PROGRAM_NEXT), ("map", MAP_NEXT), ("link", LINK_NEXT))}


def objects(endpoints: int) -> dict[str, int]:
    """How many maps of that many endpoints there are, programs that use them, and links of these."""
    infos = {number: _info(MAP_BY_ID, number) for number in _ids(MAP_NEXT)}
    maps = {number for number, info in infos.items()
            if info and info[24:40].startswith(b"endpoints") and struct.unpack_from("I", info, 16)[0] == endpoints}
    programs = {number for number in _ids(PROGRAM_NEXT) if maps & _maps_of(number)}
    links = [info for info in (_info(LINK_BY_ID, number) for number in _ids(LINK_NEXT)) if info and struct.unpack_from("I", info, 8)[0] in programs]
    return {"maps": len(maps), "programs": len(programs), "links": len(links)}
