import random
import time
import unicodedata
from itertools import permutations

import pytest

from catalogs.matching.cues import Cues, Kind
from catalogs.matching.engine import Against, Elsewhere, Entry, Index, Result
from catalogs.matching.words import DESCRIPTION_LIMIT, once, words_of

ITEMS = [
    Entry("1", "Trợ lý ảo", ("chatbot trả lời khách hàng", "voice assistant")),
    Entry("2", "Robot công nghiệp", ("cánh tay robot sáu trục", "industrial robot arm")),
    Entry("3", "Điện toán đám mây", ("thuê máy chủ ảo", "cloud computing service")),
    Entry("4", "Đường ống dẫn khí đốt", ("ống dẫn khí đường dài", "gas pipeline")),
]
OUTSIDE = [Elsewhere("Thực phẩm", ("gạo thơm, cà phê rang xay", "bánh kẹo, nước mắm", "packaged rice and coffee"))]
CUES = Cues(
    (
        Kind(
            "đào tạo, không phải sản phẩm",
            1.0,
            anywhere=("học phí",),
            head_vi=("khóa học",),
            head_en=("course",),
            unless=("khóa học máy",),
        ),
    )
)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(ITEMS, OUTSIDE, cues=CUES)


def top(result: Result) -> str:
    return result.ranked[0].code


def test_an_item_is_found_by_the_words_of_its_alias(index: Index) -> None:
    result = index.match("Cô Sen", "Chatbot trả lời khách hàng suốt ngày đêm")
    assert (top(result), result.decision, result.ranked[0].strength) == ("1", "match", "strong")


def test_reasons_give_the_place_in_the_text_as_it_was_written(index: Index) -> None:
    name, description = "Tay Máy X", "Chúng tôi làm CÁNH TAY robot; sáu trục, nặng 80 kg."
    reasons = index.match(name, description).ranked[0].reasons
    assert reasons
    for reason in reasons:
        text = name if reason.field == "name" else description
        assert text[reason.start : reason.end] == reason.words
    best = reasons[0]
    assert "CÁNH TAY robot" in best.words
    assert (best.meets, best.source) == ("cánh tay robot sáu trục", "alias")


def test_words_that_belong_together_are_told_together(index: Index) -> None:
    text = "Xưởng của tôi cho thuê máy chủ ảo và một ít đồ cũ khác, gần chợ, từ lâu rồi"
    assert index.match("", text).ranked[0].reasons[0].words == "thuê máy chủ ảo"


def test_a_reason_from_the_official_name_says_so(index: Index) -> None:
    reasons = index.match("", "Một trợ lý ảo biết nói").ranked[0].reasons
    assert ("trợ lý ảo", "Trợ lý ảo", "name") in {(r.words, r.meets, r.source) for r in reasons}


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(" ", "\u00a0\u200b "),
        lambda text: "\u202b" + text + "\u202c",
        lambda text: text.replace("i", "i\u00ad"),
    ],
    ids=["capitals", "decomposed", "odd spaces", "right-to-left marks", "soft hyphens"],
)
def test_the_way_of_writing_does_not_change_what_is_found(index: Index, change) -> None:
    text = change("Cánh tay robot sáu trục")
    result = index.match("", text)
    assert (top(result), result.decision) == ("2", "match")
    for reason in result.ranked[0].reasons:
        assert text[reason.start : reason.end] == reason.words


def test_diacritics_and_the_letter_d_may_be_left_out(index: Index) -> None:
    assert top(index.match("", "duong ong dan khi dot")) == "4"
    assert top(index.match("", "dien toan dam may")) == "3"


def test_typing_mistakes_are_forgiven(index: Index) -> None:
    assert top(index.match("", "industrail robott armm")) == "2"
    assert top(index.match("", "thue may chur ao")) == "3"


def test_words_that_only_share_their_letters_are_no_kin_where_diacritics_tell_them_apart() -> None:
    index = Index([Entry("1", "Diễn biến thời tiết"), Entry("2", "Sơn tường")], [Elsewhere("Biển", ("tàu biển",))])
    meant = index.match("", "bản tin diễn biến thời gian").ranked[0].score
    other = index.match("", "bản tin diện biển thời gian").ranked[0].score
    bare = index.match("", "ban tin dien bien thoi gian").ranked[0].score
    assert other < bare < meant


def test_an_example_speaks_for_its_item_but_is_not_quoted() -> None:
    known = Entry("1", "Trợ lý ảo", ("chatbot",), ("Cô Sen nhấc máy thay lễ tân khi khách gọi hỏi lịch khám",))
    index = Index([Entry("2", "Robot công nghiệp"), known], OUTSIDE)
    best = index.match("", "Nhấc máy thay lễ tân khi có người gọi").ranked[0]
    assert best.code == "1"
    assert {reason.meets for reason in best.reasons} <= {"Trợ lý ảo", "chatbot"}


def test_what_a_product_does_is_not_what_it_is() -> None:
    kinds = Cues((Kind("mua bán", 1.0, head_en=("store",)),))
    assert kinds.find([], words_of("Forecasts store demand for every shelf")) == []
    assert len(kinds.find([], words_of("Grocery store with low prices"))) == 1


def test_words_that_share_no_word_with_the_item_are_no_reason(index: Index) -> None:
    reasons = index.match("", "Tay hàn robot cũ, kho lạnh cho thuê máy chủ ảo, thuần khiết").ranked[0].reasons
    assert [reason.words for reason in reasons] == ["thuê máy chủ ảo"]


def test_a_syllable_without_its_diacritics_is_no_reason_where_it_may_be_another_word() -> None:
    index = Index([Entry("1", "Trợ lý ảo", ("thư ký ảo đặt lịch", "trình khám phá khối"))])
    text = "Chatbot thu ky ao dat lich kham benh"
    assert [reason.words for reason in index.match("", text).ranked[0].reasons] == ["thu ky ao dat lich"]
    with_diacritics = index.match("", "Phần mềm khám bệnh, thư ký ảo").ranked[0].reasons
    assert "khám" in [reason.words.split()[0] for reason in with_diacritics], "here it is the same word"


@pytest.mark.parametrize(
    "text", ["Robot công nghiệp", "robot cong nghiep", "ROBOT CÔNG NGHIỆP.", "  Robot  công nghiệp "]
)
@pytest.mark.parametrize("place", ["name", "description", "both"])
def test_whoever_types_the_name_of_an_item_is_given_that_item(text: str, place: str) -> None:
    outside = [Elsewhere("Khóa học", ("khóa học lập trình robot công nghiệp", "robot công nghiệp cho thuê"))]
    entries = [
        Entry("1", "Robot", ("robot công nghiệp hàn", "robot công nghiệp sơn")),
        Entry("2", "Robot công nghiệp"),
    ]
    name, description = text if place != "description" else "", text if place != "name" else ""
    result = Index(entries, outside).match(name, description)
    assert (result.decision, top(result), result.ranked[0].score) == ("match", "2", 1.0)
    assert (result.ranked[0].strength, result.ranked[0].against) == ("strong", ())
    assert result.ranked[1].score < 1
    assert [reason.source for reason in result.ranked[0].reasons][:1] == ["name"]


def test_the_name_of_an_item_with_other_diacritics_or_more_words_is_weighed_like_any_text() -> None:
    index = Index([Entry("1", "Bản sao số")], [Elsewhere("Bán hàng", ("bán sao chép, bán số đẹp", "bán"))])
    assert index.match("", "Bản sao số").ranked[0].score == 1.0
    assert index.match("", "Bán sao số").ranked[0].score < 1.0
    assert index.match("", "Bản sao số cho thuê").ranked[0].score < 1.0


def test_none_fits_an_ordinary_good(index: Index) -> None:
    result = index.match("Gạo Bà Tư", "Gạo thơm đóng túi, cà phê rang xay")
    assert result.decision == "none"
    assert any("Thực phẩm" in one.label for one in result.ranked[0].against)


def test_a_course_on_a_thing_is_not_the_thing(index: Index) -> None:
    thing = index.match("", "Cánh tay robot sáu trục cho xưởng hàn")
    course = index.match("", "Khóa học cánh tay robot sáu trục cho xưởng hàn, học phí 6 triệu")
    assert thing.decision == "match"
    assert course.decision == "none"
    assert course.ranked[0].score < thing.ranked[0].score
    assert ("Khóa học",) in [one.quotes for one in course.ranked[0].against if one.kind == "cue"]


def test_a_cue_counts_only_at_the_head_of_the_phrase(index: Index) -> None:
    assert index.match("", "Industrial robot arm taught in a course").decision == "match"
    assert index.match("", "Online course for industrial robot arm").decision == "none"


def test_a_cue_inside_a_protected_phrase_does_not_count() -> None:
    name, description = words_of("", 10), words_of("Khóa học máy chủ ảo")
    assert CUES.find(name, description) == []
    assert len(CUES.find(name, words_of("Khóa học đan len"))) == 1


def test_a_cue_with_other_diacritics_is_another_word() -> None:
    kinds = Cues((Kind("mua bán", 1.0, anywhere=("bán buôn",)),))
    assert kinds.find([], words_of("Bàn buồn của Việt Nam")) == []
    assert len(kinds.find([], words_of("ban buon gia re"))) == 1


@pytest.mark.parametrize("text", ["", "   \n", "🚁🤖🔥", "!!!???", "\u200f\u202e", "工业机器人", "\ud800", "ب ت ث"])
def test_a_text_without_known_words_fits_nothing(index: Index, text: str) -> None:
    result = index.match(text, text)
    assert result.decision == "none"
    assert [s.code for s in result.ranked] == ["1", "2", "3", "4"]
    assert {s.score for s in result.ranked} == {0.0}
    assert all(s.reasons == () for s in result.ranked)


@pytest.mark.parametrize("text", ["asdf qwer zxcv", "xrobx yrobz 123", "đfgh ơưnh"])
def test_keys_struck_at_random_fit_nothing(index: Index, text: str) -> None:
    result = index.match("", text)
    assert result.decision == "none"
    assert {suggestion.score for suggestion in result.ranked} == {0.0}


def test_what_a_product_does_not_have_does_not_speak_for_an_item(index: Index) -> None:
    with_it = index.match("", "Máy gắp hàng dùng robot công nghiệp")
    for denial in (
        "Kệ gỗ, không dùng robot công nghiệp",
        "Kệ gỗ không có robot công nghiệp",
        "Ke go, khong dung robot cong nghiep",
        "A wooden shelf without any industrial robot arm",
    ):
        without = index.match("", denial)
        quoted = [reason.words for suggestion in without.ranked for reason in suggestion.reasons]
        assert "robot" not in " ".join(quoted).lower(), denial
        assert without.ranked[0].score < with_it.ranked[0].score / 2, denial
    back = index.match("", "Không dùng băng tải mà dùng robot công nghiệp")
    assert any("robot" in reason.words for reason in back.ranked[0].reasons)


def test_mixed_scripts_still_match(index: Index) -> None:
    assert top(index.match("智能 X", "工业 cánh tay robot 🤖 sáu trục промышленный")) == "2"


def test_a_megabyte_is_read_in_bounded_time(index: Index) -> None:
    begun = time.process_time()
    result = index.match("x" * 1_000_000, "cánh tay robot sáu trục " + "lorem ipsum " * 90_000)
    assert time.process_time() - begun < 2
    assert top(result) == "2"
    assert index.match("", "y " * DESCRIPTION_LIMIT + "cánh tay robot").ranked[0].score == 0


WORDS = ["robot", "ảo", "chủ", "thuê", "trợ", "lý", "khí", "máy", "cloud", "arm"]


def test_the_same_question_gets_the_same_answer_from_an_index_built_anew() -> None:
    texts = [" ".join(random.Random(n).sample(WORDS, 6)) for n in range(20)]
    first = [Index(ITEMS, OUTSIDE, cues=CUES).match(text, text) for text in texts]
    again = [Index(ITEMS, OUTSIDE, cues=CUES).match(text, text) for text in texts]
    assert first == again


def test_scores_fall_and_stay_between_0_and_1(index: Index) -> None:
    scores = [s.score for s in index.match("Robot", "thuê máy chủ ảo điều khiển robot").ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score < 1 for score in scores)


def test_the_limit_cuts_the_list_but_not_the_decision(index: Index) -> None:
    assert len(index.match("", "robot", limit=2).ranked) == 2
    assert index.match("", "cánh tay robot sáu trục", limit=0).decision == "match"


def test_a_list_without_items_or_aliases_can_be_asked() -> None:
    assert Index([]).match("robot", "robot").ranked == ()
    assert top(Index([Entry("1", "Robot công nghiệp")]).match("", "robot")) == "1"


def test_words_are_quoted_once_whatever_their_case() -> None:
    assert once(["Camera AI", "Camera", "camera", "nhận diện", "NHẬN DIỆN"]) == ["Camera AI", "nhận diện"]
    assert once(["camera", "Camera AI", "cam", "điện", "diện"]) == ["Camera AI", "cam", "điện", "diện"]
    assert once([]) == []


def test_what_is_elsewhere_is_told_only_where_it_is_nearer_and_quotes_each_word_once(index: Index) -> None:
    result = index.match("Gạo Bà Tư", "gạo thơm đóng túi, GẠO rang, cánh tay robot sáu trục cho xưởng hàn")
    for suggestion in result.ranked:
        nearer = [one for one in suggestion.against if one.kind == "nearer"]
        assert suggestion.strength == "weak" or not nearer
        for one in nearer:
            quoted = [words.lower() for words in one.quotes]
            assert not any(a in b for a, b in permutations(quoted, 2))
    thing = index.match("", "Cánh tay robot sáu trục cho xưởng hàn").ranked[0]
    assert not any(one.kind in ("nearer", "opening") for one in thing.against)


def test_every_doubt_is_told(index: Index) -> None:
    found = index.match("", "gạo thơm đóng túi, bên cạnh cánh tay robot sáu trục").ranked[0]
    assert Against("opening", ("gạo thơm đóng túi",)) in found.against
    lone = index.match("", "kể chuyện robot cho bé").ranked[0]
    assert {one.kind for one in lone.against} & {"loose", "lone"}


def test_reasons_are_whole_phrases_without_loose_words_at_their_ends() -> None:
    index = Index([Entry("1", "Chip", ("lõi 32 bit", "phần mềm chạy trên chip"))], OUTSIDE)
    words = [reason.words for reason in index.match("", "bản 64 bit chạy trên chip riêng").ranked[0].reasons]
    assert "bit chạy trên" not in words
    assert not any(word.split()[-1] in ("trên", "và") for word in words)


def test_the_others_score_less_the_less_speaks_for_them(index: Index) -> None:
    first, second, *_rest = index.match("", "Cánh tay robot sáu trục, voice assistant").ranked
    assert second.score < first.score
