"""One page with every component on it, drawn for the tests and for the eye; the product has no address for it."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import engines
from django.utils.datastructures import MultiValueDict

from workflow.workingdays import Remaining

TEMPLATE = Path(__file__).with_name("gallery.html")
MORNING = datetime(2026, 11, 18, 9, 12, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


class SampleForm(forms.Form):
    name = forms.CharField(label="Tên sản phẩm, dịch vụ", help_text="Đúng như trên nhãn hoặc hợp đồng.", max_length=80)
    site = forms.URLField(label="Trang giới thiệu", required=False, assume_scheme="https")
    text = forms.CharField(
        label="Mô tả",
        help_text="Sản phẩm làm được gì, cho ai.",
        widget=forms.Textarea(attrs={"data-count": "", "maxlength": 4000, "minlength": 100}),
    )
    stage = forms.ChoiceField(
        label="Giai đoạn phát triển",
        choices=[("lab", "Mẫu thử nghiệm"), ("pilot", "Sản xuất thử"), ("market", "Đã có trên thị trường")],
        widget=forms.RadioSelect,
        help_text="Chọn mức cao nhất đã đạt.",
    )
    fields_of_use = forms.MultipleChoiceField(
        label="Lĩnh vực ứng dụng",
        choices=[("traffic", "Giao thông"), ("farm", "Nông nghiệp"), ("health", "Y tế")],
        widget=forms.CheckboxSelectMultiple(attrs={"data-choices": "inline"}),
        required=False,
    )
    province = forms.ChoiceField(label="Tỉnh, thành phố", choices=[("", "Chọn tỉnh, thành phố"), ("01", "Hà Nội")])
    revenue = forms.IntegerField(
        label="Doanh thu năm gần nhất", widget=forms.TextInput(attrs={"inputmode": "numeric", "data-unit": "đồng"})
    )
    began_on = forms.DateField(
        label="Ngày khởi công", widget=forms.DateInput(attrs={"class": "date"}), help_text="Ví dụ: 05/01/2026"
    )
    paper = forms.FileField(label="Thuyết minh kỹ thuật", help_text="PDF, tối đa 20 MB.")
    agree = forms.BooleanField(label="Tôi cam kết thông tin khai báo là chính xác, trung thực.")
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_name(self):
        if self.cleaned_data["name"] == "x":
            raise forms.ValidationError("Tên quá ngắn, mời ghi đầy đủ.")
        return self.cleaned_data["name"]


def wrong_form() -> SampleForm:
    """Every kind of field with an error of its own."""
    data = {"name": "x", "site": "không phải địa chỉ", "text": "", "stage": "", "province": "99", "revenue": "nhiều"}
    form = SampleForm(data, MultiValueDict({"paper": [SimpleUploadedFile("rong.pdf", b"")]}))
    form.is_valid()
    return form


def render(request=None) -> str:
    """The page as HTML."""
    context = {
        "form": SampleForm(),
        "wrong": wrong_form(),
        "states": ["draft", "submitted", "supplement_requested", "in_review", "issued", "refused", "withdrawn"],
        "moment": MORNING,
        "timeline": [
            {"title": "Nộp hồ sơ", "at": MORNING, "kind": "done"},
            {"title": "Tiếp nhận", "at": MORNING, "note": "Hẹn trả 24/11/2026", "kind": "done"},
            {"title": "Thẩm định", "note": "Phòng Công nghiệp số", "kind": "now"},
            {"title": "Trình và phê duyệt", "kind": "next"},
            {"title": "Ký số, phát hành", "kind": "next"},
        ],
        "steps": [
            {"title": "Sản phẩm", "url": "#", "kind": "done"},
            {"title": "Công nghệ", "url": "#", "kind": "bad"},
            {"title": "Mục danh mục", "url": "#", "kind": "now"},
            {"title": "Tài liệu", "url": "#", "kind": "next"},
            {"title": "Xem lại và nộp", "kind": "next"},
        ],
        "remaining": [
            Remaining(9, "days", late=False),
            Remaining(3, "hours", late=False),
            Remaining(1, "days", late=True),
            None,
        ],
        "sentence": "Camera ngoài trời tự nhận diện biển số, suy luận ngay trên thiết bị.",
        "spans": [(0, 6), (21, 39)],
    }
    return engines["django"].from_string(TEMPLATE.read_text()).render(context, request)
