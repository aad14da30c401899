"""A small help center for the tests of the core."""

from haedap.search import ArticleDocument, Body


def article(number: int, title: str, text: str, **more: object) -> ArticleDocument:
    """An article with one common body."""
    return ArticleDocument(number, title, (Body(text, ("common", "android", "ios")),), **more)  # type: ignore[arg-type]


CENTER = (
    article(
        1,
        "비밀번호를 잊어버렸어요",
        "로그인 화면에서 [비밀번호 찾기]를 누르고 본인인증을 하면 새 비밀번호를 정할 수 있습니다.",
        service="account",
    ),
    article(
        2,
        "오픈채팅방이 검색 결과에 나타나지 않아요",
        "방 이름에 금지어가 있으면 검색에 나타나지 않습니다. 24시간 뒤에 다시 확인해 주세요.",
        service="talk",
        categories=("talk/open-chat",),
        updated=300,
        hits=10,
    ),
    article(
        3,
        "환불은 언제 되나요?",
        "취소한 날부터 3영업일 안에 결제 수단으로 환불됩니다. 카드사에 따라 7일까지 걸립니다.",
        service="pay",
        updated=200,
        hits=900,
    ),
    article(
        4,
        "결제 취소 방법",
        "[결제 내역]에서 취소할 결제를 고르고 [취소 요청]을 누르세요.",
        service="pay",
        updated=100,
        hits=50,
    ),
    article(
        5,
        "캘린더에 일정을 추가하는 방법",
        "캘린더 화면에서 [+]를 누르고 일정을 적습니다.",
        service="talk",
        updated=50,
        hits=5,
    ),
    article(
        6, "더 리더 구독 안내", "더 리더는 매달 책을 보내 드리는 구독 상품입니다.", service="store", updated=40, hits=1
    ),
    article(
        7,
        "서울대 재학생 인증 안내",
        "서울대 메일 주소로 재학생 인증을 할 수 있습니다.",
        service="account",
        updated=30,
        hits=2,
    ),
)
