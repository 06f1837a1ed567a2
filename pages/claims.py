"""Words that a solicitor's publicity may not use as they please: comparisons, promises, outcomes, and
"no win no fee". Each function is given a sentence or a text and answers with the words in question.

What is harmless is taken out first, then every pattern of a claim is looked for. To add to either
list, write the sentence into tests/test_claims.py, then the pattern here.
"""

import re
from collections.abc import Iterable

_CLAIMANTS = r"solicitors?|lawyers?|law firms?|firms?|teams?|practice|advocates?|barristers?|specialists?"
_OF_LAW = rf"(?:{_CLAIMANTS}|legal|law|litigation|negligence|claims)"
_NUMBER = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten)"
_X_IN_Y = rf"{_NUMBER} (?:in|of|out of) (?:every )?{_NUMBER}"
_POUNDS = (
    r"(?:£ ?\d[\d,.]*(?:k|m|bn)?(?: million| thousand)?|\b\d[\d,]* (?:pounds|thousand pounds|million pounds))"
)
_GAIN = r"(?:compensation|damages|payouts?|pay-outs?|settlements?|money|justice|results?"
_GAIN += r"|what you deserve|thousands|millions|every penny)"
_PLAIN = r"(?:(?:you|your|our|the|a|an|all|every|any|for|full|fair|more|most|maximum|highest|proper|good) )"
_PLAIN += r"{0,4}?"
_WILL = r"(?:[’']ll| will| shall| are (?:sure|certain|bound|going) to)"


def _patterns(*sources: str) -> list[re.Pattern[str]]:
    return [re.compile(source, re.IGNORECASE) for source in sources]


# What a clinic says of itself is not what the firm says.
_OTHERS = r"\b(?:clinic|practitioner|surgeon|doctor|provider|maker|manufacturer|brochure|advertisement)s?"
_OTHERS += r"(?:[’']s?)?"
_SAID_BY_OTHERS = (
    rf"{_OTHERS} (?:\w+ ){{0,2}}(?:promise[ds]?|said|says?|claim(?:s|ed)|advertise[ds]?|boast(?:s|ed))\b.*"
)
_QUESTION = r"^(?:is|are|can|will|do|does|how|could|would|should)\b.*\?"

_HARMLESS_COMPARISONS = _patterns(
    # Guarantees that are denied, asked about, or somebody else's.
    r"\bno (?:such |absolute |real )?guarantees?\b(?! (?:better|like))",
    r"\b(?:no one|nobody|no \w+(?: \w+)?) (?:can|could|will|would|should|may) (?:\w+ ){0,3}?guarantee[ds]?\b",
    r"\b(?:not|never|cannot|nor|neither|without|unable to|\w+n[’']t)\b(?! only)"
    r"(?:,? (?:that we|(?!we\b|our\b|i\b)[\w’']+)){0,5}?,? guarantee(?:[ds]|ing)?\b",
    r"\b(?:nothing|no \w+(?: \w+)?)(?: in \w+)? (?:is|are|was|were|can be) (?:ever )?guaranteed\b",
    r"\bguarantees? nothing\b",
    rf"(?:{_OTHERS}|\bthey) (?:\w+ ){{0,4}}guarantee[ds]?\b",
    rf"\bguarantees? (?:from|by|of) (?:\w+ )?{_OTHERS}",
    r"\bwhether\b[^;:,]*\bguarantee[ds]?\b",
    r"^(?:can|do|does|will|is|are|could|would|should)\b[^?]*\bguarantee[^?]*\?",
    _SAID_BY_OTHERS,
    # Experts whom a court hears.
    r"\bexpert (?:witness|evidence|report|opinion)\w*\b",
    r"\b(?:medical|independent|surgical|court-appointed|single joint) experts?\b",
    # What is best for the reader to do.
    r"\bbest (?:interests?|practices?|ways?|times?|things?|places?|days?|moments?|person|evidence|course)\b",
    r"\bbest (?:starts?|steps?|options?|wishes|before|known|remembered|left|seen|done|advice is)\b",
    r"\b(?:do|does|did|doing|done|try|tries|tried) (?:[\w’']+ ){0,2}best\b",
    r"\b(?:(?:hope )?for|all|make|not) the best\b",
    # Leading as walking ahead.
    r"\bleading (?:up )?to\b",
    r"\bnumber one (?:priority|concern|reason|rule|cause|question|thing|sign|step|mistake)\b",
)

_COMPARISONS = _patterns(
    r"\bguarantee(?:[ds]|ing)?\b",
    rf"\bbest (?:(?!of|to|for|in|at|from|is|are|and|that)[\w-]+ ){{0,3}}?(?:{_CLAIMANTS}|experts?|service"
    r"|advice|representation|record|results?|outcomes?|compensation|settlements?|chances?|success|hands)\b",
    r"\b(?:we|our|us|he|she|firm|solicitors|lawyers|team)(?:[’']re)?\b[^;:?!]{0,60}\bthe (?:very )?best\b",
    r"\b(?:the|simply the) best\b(?: in| of|[.!]|$)",
    r"\b\w+[’']s (?:very )?best\b",
    r"\bbest[- ]in[- ]class\b",
    rf"\bleading (?:[\w-]+ ){{0,3}}?(?:{_OF_LAW}|experts?|names?|authorit(?:y|ies))\b",
    r"\b\w+[’']s leading\b",
    r"\b(?:market|industry|world|nation)[- ]lead(?:ing|ers?)\b",
    r"\bleaders? in (?:(?:our|the|this|its) field|(?:[\w-]+ ){0,3}?(?:law|claims?|negligence|litigation))\b",
    r"\b(?:the|our|are|is|\w+[’']s) (?:number one|number 1|no 1)\b",
    r"\bno\. ?1\b|#1\b",
    r"\b(?:cheapest|lowest (?:fees?|prices?)|(?:highest|biggest) (?:payouts?|settlements?|compensation))\b",
    r"\b(?:top[- ]rated|top (?:[\w-]+ ){0,3}?(?:solicitors?|lawyers?|firms?))\b",
    r"\b(?:world[- ]class|award[- ]winning|unrivalled|unbeatable|unmatched|finest|foremost)\b",
    r"\b(?:premier|second[- ]to[- ]none)\b",
    r"\bmost (?:successful|experienced|trusted|respected)\b",
    rf"\bexpert (?:{_OF_LAW}|advice|representation|help|services?|guidance|support|knowledge)\b",
    r"\b(?:we|our [\w ]{1,20}|he|she|firm|solicitors|lawyers|team) (?:is|are) (?:[\w-]+ ){0,4}?experts?\b",
    r"\bwe[’']re (?:[\w-]+ ){0,4}?experts?\b",
    r"\b(?:our|team of) (?:[\w-]+ ){0,2}?experts?\b",
    r"\b(?:trust|speak to|talk to|call) (?:the|an) experts?\b(?! in\b)",
    r"\bexperts? (?:in|at) (?:[\w-]+ ){0,3}?(?:law|claims?|negligence|compensation|litigation)\b",
    r"\b(?:than|unlike) (?:those of )?(?:any |many |most )?other (?:solicitor|lawyer|law firm|firm)s?\b",
    r"\bno other (?:solicitor|lawyer|law firm|firm) (?:can|has|offers?|does|gives?|gets?|wins?|knows?)\b",
    r"\b(?:we are|is) the only (?:[\w-]+ ){0,3}?(?:solicitors?|lawyers?|law firm|firm)\b",
    r"\bbetter (?:solicitor|lawyer|law firm|firm|service|representation)s?\b",
    r"\bmore (?:\w+ ){1,3}than any(?:one|body) else\b",
    r"\b(?:nobody|no one|no (?:other )?firm) (?:[\w’]+ ){0,3}?(?:better|more)\b(?! than (?:you|its)\b)",
)

# Not negations, though they look like them.
_NO_HEDGE = _patterns(
    r"\b(?:do not|don[’']t|need not|never) (?:worry|hesitate|wait|delay|fear)\b",
    r"\bnot only\b",
)
_HEDGE = re.compile(
    r"\b(?:not|never|cannot|nor|neither|nobody|unable|whether|\w+n[’']t"
    r"|no (?:one|solicitor|lawyer|firm|procedure|treatment|operation|claim|case))\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|where|when|once|should|unless|until)\b(?:(?!\b(?:we|you)(?: will|[’']ll))[^,;:.])*"
    r"\b(?:win|wins|won|succeeds?|successful|settle[sd]?|proved?|proves|agrees?|accepts?|admits?"
    r"|finds|rules|awards|decides)\b",
    re.IGNORECASE,
)
_HARMLESS_OUTCOMES = _patterns(
    _QUESTION,
    _SAID_BY_OTHERS,
    # What was paid, has to be, or decides which court hears it.
    rf"{_POUNDS} (?:that |which )?(?:you|they|he|she) (?:have |had )?(?:paid|spent)\b",
    rf"\b(?:fees?|costs?|limits?|threshold|claims track)\b[^.;]{{0,20}}{_POUNDS}",
    rf"\bclaims? (?:worth |for )?(?:under|below|less than) {_POUNDS}",
)
# How often a treatment succeeds, in a sentence that speaks of nothing else.
_OF_A_TREATMENT = re.compile(
    r"\b(?:procedure|treatment|operation|surgery|implant|lift|filler|injection)s?\b", re.IGNORECASE
)
_OF_A_CLAIM = re.compile(
    r"\b(?:we|our|claims?|cases?|clients?|compensation|damages|w[io]n|you will)\b|£", re.IGNORECASE
)

_OUTCOMES = _patterns(
    rf"\byou{_WILL} (?:\w+ly |always )?(?:win|succeed|be successful|be compensated)\b(?! nothing)",
    rf"\byou{_WILL} (?:\w+ly |always )?(?:get|receive|recover|obtain|be paid|be awarded) {_PLAIN}{_GAIN}\b",
    r"\b(?:make sure|ensure|see to it)(?: that)? you (?:get|receive|recover|win) "
    rf"{_PLAIN}(?:{_GAIN}|case|claim)\b",
    rf"\byou(?:[’']re| are) (?:entitled to|owed|due) {_PLAIN}{_GAIN}\b",
    rf"\byou deserve {_PLAIN}{_GAIN}\b",
    rf"\b{_GAIN} (?:that )?you(?:[’']re| are)? (?:deserve|owed|entitled to)\b",
    r"(?<!if )(?<!whether )\byou have a (?:very )?(?:strong|good|winning|cast-iron) (?:case|claim)\b",
    r"\byou (?:can[’']t|cannot|will not|won[’']t) lose(?: your (?:case|claim))?(?=[.!,]|$)",
    rf"\bwe(?:{_WILL}| can)? (?:\w+ly |always )?(?:win|secure|recover|obtain|get (?:you|our clients)) "
    rf"{_PLAIN}(?:{_GAIN}|cases?|claims?)\b",
    rf"\bwe(?:{_WILL})? (?:\w+ly |always )?win\b(?! nothing)",
    r"\b(?:our|most|all) (?:clients|claims|cases) (?:\w+ly |always )?(?:win|succeed)\b",
    rf"\bwe(?:{_WILL})? make (?:them|(?:the|your) (?:clinic|surgeon|practitioner)) pay\b",
    r"\bwe (?:always |do )?(?:get|deliver) results\b",
    r"\bwe (?:never|don[’']t|do not) lose(?=[.!,]|$)",
    r"\bwe(?:[’']ve| have)? (?:won|secured|recovered|obtained) "
    r"(?:over|more than|hundreds|thousands|millions|many)\b",
    r"\b(?:your|the|every|each) (?:claim|case)s?(?: will| is (?:sure|certain|bound|going) to) (?:\w+ly )?"
    r"(?:win|succeed|be won|be successful|be settled)\b",
    r"\b(?:compensation|success|winning|victory) is (?:certain|assured|sure)\b",
    r"\b\d{1,3}(?:\.\d+)? ?(?:%|per ?cent) "
    r"(?:success\w*|win\b|winning|(?:of )?(?:our |all )?(?:cases|claims|clients))",
    r"\b(?:success|win) rate\b",
    rf"\b{_X_IN_Y}\b[^.?!;]{{0,40}}\b(?:w[io]ns?|succeed\w*|successful|settled?)\b",
    rf"\b(?:w[io]n|succeed\w*|settled?)\b[^.?!;]{{0,30}}\b{_X_IN_Y}\b",
    r"\b(?:never lost (?:a|any|one) (?:case|claim)|always (?:win|succeed)|unbeaten|undefeated)\b",
    r"\b(?:compensation|damages|payouts?|settlements?|awards?|awarded|receive[ds]?|get|got|claims?|w[io]n|recover(?:ed)?"
    rf"|secured?|worth|owed|due)\b[^.?!;]{{0,30}}?{_POUNDS}",
    rf"{_POUNDS} (?:in |of )?(?:compensation|damages|payouts?|settlements?)\b",
    rf"\bpromise (?:you )?{_PLAIN}(?:successful )?(?:{_GAIN}|success|outcome|win)\b",
    r"\b(?:risk[- ]free|nothing to lose|no (?:financial )?risk to you)\b(?! by asking)",
)

_NO_WIN_NO_FEE = re.compile(
    r"\bno[\s,/‐–—-]*win\b[\s,/‐–—-]*no[\s,/‐–—-]*(?:fees?|costs?|charges?|pay)\b"
    r"|\bconditional fee(?: agreement)?s?\b|\bCFAs?\b"
    r"|\b(?:only pay|pay only)(?: us)? (?:if|when) (?:we|you) win\b"
    r"|\b(?:pay (?:us )?nothing|nothing to pay|no fees?)"
    r" unless (?:we|you|your claim|your case) (?:wins?|succeeds?)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|never|\w+n[’']t) (?:\w+ ){0,4}[“‘\"']?$", re.IGNORECASE)
# Wages are lost too, and of patients a percentage: what is meant has to do with money, in one sentence.
_IF_LOST = re.compile(
    r"\b(?:if|when|where|should|unless)\b[^.,;]{0,60}\b(?:lose|loses|lost|fails?)\b|\blose and\b"
    r"|\bunsuccessful\b|(?:\bnot|n[’']t) (?:win|won|succeed)\b|\b(?:claims?|cases?) (?:is|are) lost\b",
    re.IGNORECASE,
)
_IS_PAID = re.compile(r"\b(?:pay|pays|paid|charge[ds]?|fees?|costs?|owe|owed|bills?)\b", re.IGNORECASE)
_FROM_IT = r"\b(?:from|out of|of) (?:your|the|any) (?:compensation|damages)\b"
_IF_WON = re.compile(
    r"\bsuccess fee|\b(?:deduct|percentage|per ?cent|\d ?%)[^.;]*\b(?:compensation|damages)\b"
    rf"|{_FROM_IT}[^.;]*\b(?:fees?|costs?)\b"
    rf"|\b(?:fees?|costs?|pay|takes?|keeps?|comes?|deduct(?:s|ed)?)\b[^.;]*{_FROM_IT}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


def comparisons(sentence: str) -> list[str]:
    """The words with which the sentence compares or promises: “the best solicitors”."""
    return [words for _, words in _found(_COMPARISONS, _without(_HARMLESS_COMPARISONS, sentence))]


def outcomes(sentence: str) -> list[str]:
    """The words with which the sentence says how a case ends or what it brings: “you will win”. Not
    where that is denied, left open, or depends on winning."""
    plain = _without([*_HARMLESS_OUTCOMES, *_NO_HEDGE], sentence)
    is_medical = _OF_A_TREATMENT.search(plain) and not _OF_A_CLAIM.search(plain)
    if is_medical or _CONDITION.search(plain):
        return []
    return [words for before, words in _found(_OUTCOMES, plain) if not _is_hedged(before)]


def no_win_no_fee(text: str) -> str | None:
    """The words that offer “no win no fee” in the text, if any do."""
    for match in _NO_WIN_NO_FEE.finditer(text):
        if not _DENIED.search(text[: match.start()]):
            return match[0]
    return None


def explains_no_win_no_fee(text: str) -> bool:
    """Whether the text says both what is paid when a case is lost and what when it is won."""
    said = _SENTENCE.split(text)
    if_lost = any(_IF_LOST.search(sentence) and _IS_PAID.search(sentence) for sentence in said)
    return if_lost and any(_IF_WON.search(sentence) for sentence in said)


def _without(harmless: Iterable[re.Pattern[str]], sentence: str) -> str:
    """The sentence with a gap, which no pattern bridges, in the place of what is harmless."""
    for pattern in harmless:
        sentence = pattern.sub(";", sentence)
    return sentence


def _found(patterns: Iterable[re.Pattern[str]], sentence: str) -> list[tuple[str, str]]:
    """What the patterns match, in order, each after the words before it; of two that overlap the one
    that begins first, or is the longer."""
    spans = (match.span() for pattern in patterns for match in pattern.finditer(sentence))
    found: list[tuple[str, str]] = []
    reached = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= reached:
            found.append((sentence[:start], sentence[start:end].strip(" .!")))
            reached = end
    return found


def _is_hedged(before: str) -> bool:
    """Whether what is claimed is denied, or left open, in the same breath."""
    return _HEDGE.search(re.split(r"[;:]", before)[-1]) is not None
