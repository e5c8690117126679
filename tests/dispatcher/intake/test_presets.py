"""The policies that come with Zhida are whole, and each says what is assumed in it."""

import pytest

from services.dispatcher.intake.presets import NoSuchPreset, list_presets, read_preset


def test_a_preset_has_its_name_its_source_and_what_is_assumed_of_it() -> None:
    assert "guizhou-2020-epidemic" in list_presets()
    for name in list_presets():
        policy = read_preset(name)
        assert policy.key == f"{name}@1"
        assert policy.source.endswith(".")
        assert policy.assumed
        fields = set(type(policy).model_fields) | {"rate_percent", "payers"}
        for sentence in policy.assumed:
            about, _, said = sentence.partition(": ")
            assert set(about.split(", ")) <= fields
            assert said.endswith(".")


def test_what_is_no_preset_is_answered_with_those_that_are() -> None:
    with pytest.raises(NoSuchPreset) as caught:
        read_preset("../policy")
    for language in ("zh", "en"):
        assert "ningbo-2023" in caught.value.message(language)  # type: ignore[arg-type]
