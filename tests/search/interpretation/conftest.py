"""The center that queries are read with: 32 invented articles about a messenger, payments, a store and accounts.

Common words stand in several articles, as they do in a real center: how common a word is decides between readings.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_center import article

from haedap.search import Analyzer, IndexWriter, SearchEngine
from haedap.search.interpretation.ladder import Interpretation

ARTICLES = (
    ("오픈채팅방을 만드는 방법", "채팅 탭에서 [오픈채팅]을 누르고 방 이름을 정하면 오픈채팅방이 만들어집니다."),
    ("오픈채팅방이 검색에 나타나지 않아요", "방 이름에 금지어가 있으면 오픈채팅 검색에 나타나지 않습니다."),
    ("오픈채팅 방장을 바꾸고 싶어요", "방장이 오픈채팅방 설정에서 다른 사람에게 방장을 넘길 수 있습니다."),
    ("채팅방 나가기", "채팅방을 길게 누르고 [나가기]를 선택하세요. 대화 내용은 모두 삭제됩니다."),
    ("메시지가 전송되지 않아요", "네트워크 연결을 확인하고 앱을 다시 실행하세요. 메시지는 자동으로 다시 전송됩니다."),
    ("알림이 오지 않아요", "안드로이드 설정에서 알림 권한을 확인하세요. 방해 금지 모드에서는 알림이 울리지 않습니다."),
    ("움직이는 gif 이모티콘 보내기", "gif 파일은 20MB까지 보낼 수 있습니다. 이모티콘은 채팅방에서 누릅니다."),
    ("안드로이드 os 업데이트", "안드로이드 os를 업데이트하면 앱이 빨라집니다. 업데이트 전에 대화를 백업하세요."),
    ("갤럭시s7에서 앱이 종료돼요", "갤럭시s7 기기에서 앱이 종료되면 업데이트를 설치하고 다시 실행하세요."),
    ("Galaxy book에 PC 버전 설치하기", "Galaxy book에서 설치 파일을 내려받아 실행하세요."),
    ("아이디 찾기", "로그인 화면에서 [아이디 찾기]를 누르고 휴대폰 번호를 입력하세요."),
    ("비밀번호 찾기", "로그인 화면에서 [비밀번호 찾기]를 누르면 새 비밀번호를 정할 수 있습니다."),
    ("비밀번호를 변경하고 싶어요", "설정에서 비밀번호 변경을 누르고 본인인증을 하세요. 아이디는 바뀌지 않습니다."),
    ("로그인이 되지 않아요", "아이디와 비밀번호를 확인하세요. 로그인이 안 되면 쿠키를 삭제하고 다시 로그인하세요."),
    ("pass 앱으로 본인인증하기", "pass 앱을 설치하면 본인인증을 간편하게 할 수 있습니다. 인증 번호는 필요 없습니다."),
    ("휴면 계정을 되살리는 방법", "1년 동안 로그인하지 않은 계정은 휴면 계정이 됩니다. 로그인하면 되살아납니다."),
    ("회원 탈퇴하기", "설정에서 회원 탈퇴를 누르세요. 탈퇴하면 계정과 대화가 삭제됩니다."),
    ("결제 수단을 등록하려면", "카드와 계좌를 결제 수단으로 등록할 수 있습니다. 결제 비밀번호도 정하세요."),
    ("결제 취소 방법", "결제 내역에서 취소할 결제를 고르고 [취소 요청]을 누르세요. 결제가 취소되면 알림이 갑니다."),
    ("자동 결제 해지", "구독 화면에서 자동 결제를 해지할 수 있습니다. 다음 결제일부터 청구되지 않습니다."),
    ("환불은 언제 되나요?", "결제를 취소한 날부터 3영업일 안에 환불됩니다. 카드사에 따라 7일까지 걸립니다."),
    ("현금영수증 발급", "결제 내역에서 현금영수증을 신청하세요. 발급된 현금영수증은 메일로 보내 드립니다."),
    ("송금을 잘못했어요", "받는 사람이 송금을 받기 전이면 취소할 수 있습니다. 계좌번호를 다시 확인하세요."),
    ("청바지 교환 신청", "배송된 청바지의 사이즈가 맞지 않으면 교환을 신청하세요. 택을 떼면 교환할 수 없습니다."),
    ("44 사이즈 비키니 재입고 알림", "비키니 상품의 44 사이즈가 품절되면 재입고 알림을 신청할 수 있습니다."),
    ("배송지를 변경하고 싶어요", "주문 상세에서 배송지를 변경하세요. 배송이 시작되면 변경할 수 없습니다."),
    ("배송 조회", "주문 내역에서 배송 조회를 누르면 택배의 위치를 알려 드립니다."),
    ("오버로드 4 예약 판매", "오버로드 4 단행본은 예약 판매 상품입니다. 예약을 취소하면 환불됩니다."),
    ("AI 정리된 대화 요약 보기", "AI가 정리한 대화 요약은 채팅방 위에서 볼 수 있습니다. 정리된 요약은 저장됩니다."),
    ("더 리더 구독 안내", "더 리더는 매달 책을 보내 드리는 구독 상품입니다."),
    ("캘린더에 일정을 추가하는 방법", "캘린더 화면에서 [+]를 누르고 일정을 적습니다."),
    ("서울대 재학생 인증 안내", "서울대 메일 주소로 재학생 인증을 할 수 있습니다."),
)
STAFF = ("크로노미터 점검표", "크로노미터는 직원만 봅니다. 크로노미터를 초기화하세요.")
"""An article for the staff alone; its word stands in no other."""


@pytest.fixture(scope="session")
def titles() -> dict[int, str]:
    """The public titles by article number."""
    return dict(enumerate((title for title, _ in ARTICLES), 1))


@pytest.fixture(scope="session")
def help_center(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Path:
    """The index of :data:`ARTICLES`, numbered from 1, and of :data:`STAFF` (100), words only."""
    root = tmp_path_factory.mktemp("help-center") / "index"
    with IndexWriter(root, analyzer) as writer:
        for number, (title, text) in enumerate(ARTICLES, 1):
            writer.replace(article(number, title, text))
        writer.replace(article(100, *STAFF, staff_only=True))
        writer.commit()
    return root


@pytest.fixture(scope="session")
def helper(help_center: Path, analyzer: Analyzer) -> SearchEngine:
    return SearchEngine(help_center, analyzer)


@pytest.fixture(scope="session")
def read(helper: SearchEngine) -> Callable[[str], Interpretation]:
    """How a text is read in this center."""
    return helper.interpret
