"""
Invented customers for ``fake.name``, ``fake.email`` …: in several scripts, because mail has to carry them all.

Every address is one that nobody has: ``example.com`` and ``example.org`` are reserved, and so are the telephone numbers (Ofcom's and
NANPA's ranges for fiction).
"""

from __future__ import annotations

import random as chance
from collections.abc import Callable, Iterator, Mapping

__all__ = ["People"]

# first name, last name, how a mail address writes them
_PEOPLE = (
    ("Jörg", "Größer", "joerg.groesser"),
    ("Annelie", "Überall", "annelie.ueberall"),
    ("Zuzana", "Křížová", "zuzana.krizova"),
    ("Łukasz", "Żółtek", "lukasz.zoltek"),
    ("Αθηνά", "Παράδειγμα", "athina.paradeigma"),
    ("Анна", "Примерова", "anna.primerova"),
    ("נועה", "דוגמה", "noa.dugma"),
    ("ليلى", "المثال", "layla.almithal"),
    ("花子", "見本", "hanako.mihon"),
    ("민지", "예시", "minji.yesi"),
    ("小明", "示例", "xiaoming.shili"),
    ("Zoë", "O'Sample", "zoe.osample"),
    ("Seán", "Nosuch", "sean.nosuch"),
    ("Ingrid", "Prøve", "ingrid.proeve"),
    ("Ayşe", "Örnek", "ayse.ornek"),
    ("José", "Ejemplo", "jose.ejemplo"),
)
_COMPANIES = (
    "Muster & Söhne GmbH",
    "Sample Widgets Ltd",
    "Příklad s.r.o.",
    "Exemple SARL",
    "見本商事",
    "Παράδειγμα Α.Ε.",
    "Ejemplo S.A.",
    "דוגמה בע״מ",
)
_STREETS = (
    "Musterstraße",
    "Sample Lane",
    "Příkladná",
    "Rue de l’Exemple",
    "Calle del Ejemplo",
    "Οδός Παραδείγματος",
    "Prøveveien",
    "見本通り",
)
_CITIES = ("Musterstadt", "Sampleton", "Příkladov", "Exempleville", "Ejemplar", "見本市", "Παραδειγματούπολη", "דוגמאות")
_SENTENCES = (
    "My order has not arrived yet.",
    "Die Rechnung stimmt nicht mit der Bestellung überein.",
    "Objednávka dorazila poškozená.",
    "Η παραγγελία μου δεν έχει φτάσει ακόμη.",
    "請求書をもう一度送ってください。",
    "ההזמנה שלי עדיין לא הגיעה.",
    "¿Pueden enviarme la factura otra vez?",
    "Thank you – the parcel came today 🎉",
)


_MAKE: dict[str, Callable[[chance.Random], str]] = {
    "name": lambda random: " ".join(random.choice(_PEOPLE)[:2]),
    "first_name": lambda random: random.choice(_PEOPLE)[0],
    "last_name": lambda random: random.choice(_PEOPLE)[1],
    "email": lambda random: f"{random.choice(_PEOPLE)[2]}.{random.randint(100, 99_999)}@{random.choice(('example.com', 'example.org'))}",
    "company": lambda random: random.choice(_COMPANIES),
    "street": lambda random: f"{random.choice(_STREETS)} {random.randint(1, 199)}",
    "city": lambda random: random.choice(_CITIES),
    "phone": lambda random: random.choice((f"+44 1632 960{random.randint(0, 999):03}", f"+1 202 555 01{random.randint(0, 99):02}")),
    "sentence": lambda random: random.choice(_SENTENCES),
}


class People(Mapping[str, str]):
    """
    ``fake``: every key gives a new invented text each time it is asked for, out of the given chance.

    Keys: name, first_name, last_name, email, company, street, city, phone, sentence.
    """

    __slots__ = ("_random",)

    def __init__(self, random: chance.Random) -> None:
        self._random = random

    def __getitem__(self, key: str) -> str:
        return _MAKE[key](self._random)

    def __iter__(self) -> Iterator[str]:
        return iter(_MAKE)

    def __len__(self) -> int:
        return len(_MAKE)
