"""The 34 provinces and cities since 01/07/2025 (Nghị quyết 202/2025/QH15), by the code of the statistics office.

A code outlives a change of rank: Đồng Nai, Quảng Ninh and Bắc Ninh became cities in 2026 and kept theirs. So the
names carry no rank, except "TP. Hồ Chí Minh", which nobody calls otherwise.
"""

import unicodedata

_NAMES = {
    "01": "Hà Nội",
    "04": "Cao Bằng",
    "08": "Tuyên Quang",
    "11": "Điện Biên",
    "12": "Lai Châu",
    "14": "Sơn La",
    "15": "Lào Cai",
    "19": "Thái Nguyên",
    "20": "Lạng Sơn",
    "22": "Quảng Ninh",
    "24": "Bắc Ninh",
    "25": "Phú Thọ",
    "31": "Hải Phòng",
    "33": "Hưng Yên",
    "37": "Ninh Bình",
    "38": "Thanh Hóa",
    "40": "Nghệ An",
    "42": "Hà Tĩnh",
    "44": "Quảng Trị",
    "46": "Huế",
    "48": "Đà Nẵng",
    "51": "Quảng Ngãi",
    "52": "Gia Lai",
    "56": "Khánh Hòa",
    "66": "Đắk Lắk",
    "68": "Lâm Đồng",
    "75": "Đồng Nai",
    "79": "TP. Hồ Chí Minh",
    "80": "Tây Ninh",
    "82": "Đồng Tháp",
    "86": "Vĩnh Long",
    "91": "An Giang",
    "92": "Cần Thơ",
    "96": "Cà Mau",
}
# Vietnamese order of the letters that begin a name; each stands apart in a dictionary.
_ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxy"


def name_of(code: str) -> str:
    """ "79" → "TP. Hồ Chí Minh"; a code of another time comes back as it is."""
    return _NAMES.get(code, code)


def choices() -> list[tuple[str, str]]:
    """(code, name), the two largest cities first, then in the order of the Vietnamese alphabet."""
    first = ["01", "79"]
    rest = sorted((code for code in _NAMES if code not in first), key=lambda code: _sort_key(_NAMES[code]))
    return [(code, _NAMES[code]) for code in first + rest]


def _sort_key(name: str) -> list[int]:
    return [_ALPHABET.find(letter) for letter in _without_tones(name.lower())]


def _without_tones(text: str) -> str:
    """Letters keep their hats and horns, which make them other letters; tones do not."""
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    bare = "".join(mark for mark in unicodedata.normalize("NFD", text) if mark not in tones)
    return unicodedata.normalize("NFC", bare)
