"""
What a user is told about a refusal, in each language that ECE supports; sent as ``userMessage`` when the request asks for it.
"""

from __future__ import annotations

__all__ = ["phrase"]

_ORDER = (400, 401, 403, 404, 406, 409, 500)
_PHRASES: dict[str, tuple[str, ...]] = {
    "en": (
        "The request is not valid.",
        "Log in again.",
        "This is not allowed.",
        "Not found.",
        "This language is not supported.",
        "Somebody else changed it meanwhile.",
        "The server failed.",
    ),
    "es": (
        "La solicitud no es válida.",
        "Inicie sesión de nuevo.",
        "No está permitido.",
        "No se ha encontrado.",
        "Este idioma no se admite.",
        "Otra persona lo ha modificado entretanto.",
        "Error del servidor.",
    ),
    "fr": (
        "La demande n'est pas valide.",
        "Reconnectez-vous.",
        "Ce n'est pas autorisé.",
        "Introuvable.",
        "Cette langue n'est pas prise en charge.",
        "Quelqu'un l'a modifié entre-temps.",
        "Erreur du serveur.",
    ),
    "it": (
        "La richiesta non è valida.",
        "Accedi di nuovo.",
        "Non è consentito.",
        "Non trovato.",
        "Questa lingua non è supportata.",
        "Nel frattempo qualcun altro l'ha modificato.",
        "Errore del server.",
    ),
    "de": (
        "Die Anfrage ist ungültig.",
        "Melden Sie sich neu an.",
        "Das ist nicht erlaubt.",
        "Nicht gefunden.",
        "Diese Sprache wird nicht unterstützt.",
        "Jemand hat es inzwischen geändert.",
        "Der Server hat versagt.",
    ),
    "nl": (
        "Het verzoek is ongeldig.",
        "Meld u opnieuw aan.",
        "Dit is niet toegestaan.",
        "Niet gevonden.",
        "Deze taal wordt niet ondersteund.",
        "Iemand heeft het intussen gewijzigd.",
        "Serverfout.",
    ),
    "pt": (
        "A solicitação não é válida.",
        "Inicie sessão novamente.",
        "Não é permitido.",
        "Não encontrado.",
        "Este idioma não é suportado.",
        "Alguém o alterou entretanto.",
        "Erro do servidor.",
    ),
    "da": (
        "Anmodningen er ugyldig.",
        "Log på igen.",
        "Det er ikke tilladt.",
        "Ikke fundet.",
        "Sproget understøttes ikke.",
        "En anden har ændret det i mellemtiden.",
        "Serverfejl.",
    ),
    "ru": (
        "Недопустимый запрос.",
        "Войдите снова.",
        "Это не разрешено.",
        "Не найдено.",
        "Этот язык не поддерживается.",
        "Кто-то уже внёс изменения.",
        "Ошибка сервера.",
    ),
    "zh": ("请求无效。", "请重新登录。", "不允许此操作。", "未找到。", "不支持该语言。", "其间已被他人更改。", "服务器错误。"),
    "ja": (
        "要求が無効です。",
        "もう一度ログインしてください。",
        "許可されていません。",
        "見つかりません。",
        "この言語はサポートされていません。",
        "その間に他の人が変更しました。",
        "サーバーエラーです。",
    ),
    "ko": (
        "요청이 올바르지 않습니다.",
        "다시 로그인하십시오.",
        "허용되지 않습니다.",
        "찾을 수 없습니다.",
        "지원되지 않는 언어입니다.",
        "그동안 다른 사람이 변경했습니다.",
        "서버 오류입니다.",
    ),
    "sv": (
        "Begäran är ogiltig.",
        "Logga in igen.",
        "Det är inte tillåtet.",
        "Hittades inte.",
        "Språket stöds inte.",
        "Någon annan har ändrat det under tiden.",
        "Serverfel.",
    ),
}


def phrase(language: str, http: int) -> str:
    """The sentence for a status in a language (``de-DE``); English for a language that has none, the generic one for other statuses."""
    known = _PHRASES.get(language.partition("-")[0].lower(), _PHRASES["en"])
    return known[_ORDER.index(http)] if http in _ORDER else known[-1 if http >= 500 else 0]
