"""Microphone selection: each rule separately, then properties of short lists."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mica.audio import device_selection as c
from mica.audio.device_selection import Device, DeviceChoice, WantedDevice, choose
from mica.errors import MicrophoneError
from mica.host.sound import Transport

BUILT_IN, BLUETOOTH = Transport.BUILT_IN, Transport.BLUETOOTH
USB, UNKNOWN = Transport.USB, Transport.UNKNOWN
LAPTOP = Device(0, "Laptop", 48_000, False, BUILT_IN)
HEADSET = Device(1, "Headset", 24_000, True, BLUETOOTH)
USB_MICROPHONE = Device(2, "Desk", 44_100, False, USB)
ALL = (LAPTOP, HEADSET, USB_MICROPHONE)


def test_system_default_is_chosen_when_no_microphone_is_requested() -> None:
    assert choose(ALL) == DeviceChoice(HEADSET, c.SYSTEM)


def test_microphone_is_chosen_by_name() -> None:
    assert choose(ALL, "Desk") == DeviceChoice(USB_MICROPHONE, c.CHOSEN)


def test_missing_microphone_name_is_an_error_without_a_fallback() -> None:
    with pytest.raises(MicrophoneError, match=r"Desk.*not connected"):
        choose([LAPTOP, HEADSET], "Desk")


def test_the_first_connected_device_of_a_list_is_chosen() -> None:
    assert choose(ALL, ("Studio", "Desk", "Laptop")) == DeviceChoice(
        USB_MICROPHONE, c.FIRST
    )


def test_a_list_without_connected_devices_falls_to_the_system_and_says_so() -> None:
    choice = choose(ALL, ("Studio",))
    assert choice.device is HEADSET
    assert c.NONE_OF_LIST in choice.why and c.SYSTEM in choice.why


def test_empty_list_requests_no_microphone() -> None:
    assert choose(ALL, ()) == choose(ALL, None)


def test_headset_used_for_playback_is_avoided() -> None:
    assert choose(ALL, None, BLUETOOTH) == DeviceChoice(LAPTOP, c.SPARED)


def test_headset_requested_by_name_is_used_anyway() -> None:
    assert choose(ALL, "Headset", BLUETOOTH).device is HEADSET
    assert choose(ALL, ("Headset",), BLUETOOTH).device is HEADSET


def test_without_a_built_in_one_the_headset_is_used() -> None:
    assert choose([HEADSET, USB_MICROPHONE], None, BLUETOOTH) == DeviceChoice(
        HEADSET, c.SYSTEM
    )


def test_an_excluded_device_is_chosen_last() -> None:
    assert choose(ALL, ("Desk", "Laptop"), excluded={"Desk"}).device is LAPTOP
    assert choose(ALL, None, excluded={"Headset"}).device is LAPTOP
    assert (
        choose([USB_MICROPHONE], ("Desk",), excluded={"Desk"}).device is USB_MICROPHONE
    )


def test_two_devices_of_one_name_give_the_first() -> None:
    twin = Device(7, "Desk", 44_100, False, USB)
    assert choose([USB_MICROPHONE, twin], ("Desk",)).device is USB_MICROPHONE


def test_no_microphone_is_reported() -> None:
    for wanted in (None, "Desk", ("Desk",)):
        with pytest.raises(MicrophoneError, match="No microphone"):
            choose([], wanted)


def device_lists() -> Iterator[
    tuple[tuple[Device, ...], WantedDevice, Transport, set[str]]
]:
    """Up to three microphones of any kind and order, any choice, any output."""
    requests: list[WantedDevice] = [
        None,
        (),
        "Desk",
        ("Desk",),
        ("Studio", "Laptop", "Desk"),
    ]
    for size, has_default, output, wanted, excluded in itertools.product(
        (1, 2, 3), (True, False), Transport, requests, ((), ("Desk",), ("Headset",))
    ):
        for chosen in itertools.permutations(ALL, size):
            devices = tuple(
                replace(d, default=d.default and has_default) for d in chosen
            )
            yield devices, wanted, output, set(excluded)


def test_the_rules_of_choice_hold_for_all_small_device_lists() -> None:
    seen = 0
    for devices, wanted, output, excluded in device_lists():
        names = [device.name for device in devices]
        if isinstance(wanted, str) and wanted not in names:
            with pytest.raises(MicrophoneError):
                choose(devices, wanted, output, excluded)
            continue
        choice = choose(devices, wanted, output, excluded)
        device, others = choice.device, set(names) - excluded
        assert device in devices and choice.why
        if isinstance(wanted, str):
            assert device.name == wanted
        elif others:
            assert device.name in others
            listed = [name for name in wanted or () if name in others]
            assert not listed or device.name == listed[0]
            is_spared = not listed and {LAPTOP.name, HEADSET.name} <= others
            if is_spared and output is BLUETOOTH and any(d.default for d in devices):
                assert device.transport is BUILT_IN
        seen += 1
    assert seen > 1_000
