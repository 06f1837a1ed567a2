"""Which sentences compare, promise or claim too much, among those that partners could write."""

import pytest

from pages.claims import comparisons, explains_no_win_no_fee, no_win_no_fee, outcomes

# --- comparisons and promises ---


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("We guarantee that you will be heard.", ["guarantee"]),
        ("Satisfaction guaranteed.", ["guaranteed"]),
        ("No fee, guaranteed.", ["guaranteed"]),
        ("Not only do we guarantee a call, we keep it.", ["guarantee"]),
        ("We are the best.", ["We are the best"]),
        ("Choose the best cosmetic surgery solicitors.", ["best cosmetic surgery solicitors"]),
        ("Our team gives you the best possible outcome.", ["Our team gives you the best"]),
        ("Britain’s best for filler claims.", ["Britain’s best"]),
        ("We are one of the leading firms.", ["leading firms"]),
        ("He is a leading name in negligence.", ["leading name"]),
        ("The UK’s leading practice for cosmetic claims.", ["UK’s leading"]),
        ("We are the number one for cosmetic claims.", ["the number one"]),
        ("Our experts are waiting.", ["Our experts"]),
        ("We are experts in cosmetic negligence.", ["We are experts"]),
        ("Get expert legal advice today.", ["expert legal"]),
        ("An award-winning team.", ["award-winning"]),
        ("We recover more than any other firm.", ["than any other firm"]),
        ("The most experienced solicitors in England.", ["most experienced"]),
        ("Our service is second to none.", ["second to none"]),
        ("A top-rated solicitor acts for you.", ["top-rated"]),
    ],
)
def test_a_comparison_or_a_promise_is_found(sentence, words):
    assert comparisons(sentence) == words


@pytest.mark.parametrize(
    "sentence",
    [
        "We act in your best interests.",
        "Do your best to keep every letter.",
        "We do our very best to call on time.",
        "There is no guarantee that a claim succeeds.",
        "We cannot guarantee a result.",
        "No solicitor can guarantee how a case ends.",
        "A result can never be guaranteed.",
        "We do not promise, or guarantee, compensation.",
        "This does not mean that we guarantee anything.",
        "The clinic may have guaranteed a natural look.",
        "Can anyone guarantee that it heals?",
        "It is best to see a doctor first.",
        "The best way to reach us is by telephone.",
        "At best the swelling goes down in a week.",
        "An independent medical expert examines you.",
        "The court may ask for expert evidence.",
        "His expertise is in cosmetic surgery negligence.",
        "Take notes of the days leading up to the operation.",
        "Infection is a leading cause of scars.",
        "The person who treated you should have known best.",
    ],
)
def test_a_harmless_use_of_the_same_words_passes(sentence):
    assert comparisons(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "We're the best in the business.",
        "Nobody is better than us at filler claims.",
        "Our solicitors are experts.",
        "Michael is an expert in negligence.",
        "Mike Saul is one of Britain's leading cosmetic surgery lawyers.",
        "Michael Saul is the UK’s number one cosmetic surgery solicitor.",
        "A No. 1 law firm.",
        "We are No 1 for cosmetic claims.",
        "You get the best advice from us.",
        "You will get the best.",
        "We offer the best service.",
        "Guaranteed compensation.",
        "Results guaranteed!",
        "We can guarantee success.",
        "We're specialists and market leaders.",
        "Cheapest fees in England.",
        "The highest payouts.",
        "Britain's top cosmetic surgery solicitors.",
        "World-class representation.",
        "The firm with the best record.",
        "Unlike other solicitors, we care.",
        "Nobody gets you more compensation.",
        "Trust the experts.",
        "Speak to an expert today.",
        "Expert solicitors on your side.",
        "We are widely regarded as the leading authority.",
        "There is no guarantee better than ours.",
        "A best-in-class firm.",
        "We’re experts.",
        "We are the UK's premier cosmetic surgery solicitors.",
        "Our results are better than those of any other firm.",
        "We are second-to-none.",
        "We are recognised as leaders in our field.",
        "You will not find a better solicitor.",
        "We are the only specialist firm in England.",
        "No other firm has our experience.",
        "We have more experience than anyone else.",
        "We offer better service than high-street firms.",
        "A leader in cosmetic surgery claims.",
    ],
)
def test_each_of_these_compares_or_promises_too(sentence):
    assert comparisons(sentence) != []


@pytest.mark.parametrize(
    "sentence",
    [
        "The best person to judge is another doctor.",
        "It is best not to touch the wound.",
        "Which time suits you best?",
        "What is best for you is your decision.",
        "The best evidence is your medical record.",
        "You know your own body best.",
        "Keep your photographs in the best order you can.",
        "The clinic promised the best results.",
        "The brochure said “best surgeon in London”.",
        "They guaranteed that you would look ten years younger.",
        "If your practitioner gave you a guarantee, keep it.",
        "A guarantee from a clinic does not take away your rights.",
        "Ask whether there is a guarantee.",
        "Leading questions are not asked.",
        "A complication leading to surgery.",
        "An expert witness reports to the court.",
        "See an expert in skin conditions.",
        "We instruct experts to report on what went wrong.",
        "Experts on both sides meet.",
        "Hope for the best.",
        "Number one: see a doctor.",
        "Make the best of the time before the call.",
        "Best regards",
        "Our expert witness examines you.",
        "Our independent medical expert examines you.",
        "We will find the best time to call.",
        "We think the best start is a letter to the clinic.",
        "We do the best we can.",
        "Mistakes leading to claims are common.",
        "Infection is the number one cause of scars.",
        "Nobody knows your face better than you do.",
        "Nothing in law is guaranteed.",
        "No treatment is guaranteed to work.",
        "A manufacturer's guarantee is separate from your rights.",
        "Before-and-after pictures guarantee nothing.",
        "The court looks at what a competent practitioner would have done, not the best.",
        "The number one thing to do is stop smoking.",
        "It is better to call sooner than later.",
        "You can instruct us if no other solicitor acts for you.",
    ],
)
def test_each_of_these_is_harmless_too(sentence):
    assert comparisons(sentence) == []


# --- outcomes ---


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("You will win.", ["You will win"]),
        ("With us you’ll definitely win your case.", ["you’ll definitely win"]),
        ("Do not worry, you will win.", ["you will win"]),
        ("If you call today, we will win your case.", ["we will win your case"]),
        ("When you instruct us we will win your claim.", ["we will win your claim"]),
        ("We will get you compensation.", ["We will get you compensation"]),
        ("We get you the compensation you deserve.", ["We get you the compensation"]),
        ("You will receive full compensation.", ["You will receive full compensation"]),
        ("You will be compensated.", ["You will be compensated"]),
        ("Your claim will succeed.", ["Your claim will succeed"]),
        ("100% success.", ["100% success"]),
        ("We have a success rate that speaks for itself.", ["success rate"]),
        ("We win 98 per cent of our cases.", ["We win", "98 per cent of our cases"]),
        ("Nine out of ten cases are won.", ["Nine out of ten cases are won"]),
        ("We won 9 in 10.", ["won 9 in 10"]),
        ("We have never lost a case.", ["never lost a case"]),
        ("Claim up to £50,000.", ["Claim up to £50,000"]),
        ("£20,000 compensation for a lip filler.", ["£20,000 compensation"]),
        ("We have won millions for people like you.", ["We have won millions"]),
        ("We promise you a good outcome.", ["promise you a good outcome"]),
    ],
)
def test_a_claim_about_an_outcome_is_found(sentence, words):
    assert outcomes(sentence) == words


@pytest.mark.parametrize(
    "sentence",
    [
        "You may be able to claim.",
        "You may win, and you may lose.",
        "Where a claim succeeds, the compensation can pay for corrective procedures.",
        "If your claim succeeds, you will receive compensation.",
        "If we win your case, our fee is taken from the compensation.",
        "No solicitor can promise that you will win.",
        "We cannot say whether you will get compensation.",
        "It does not mean that you will win.",
        "Nobody knows how a case will end.",
        "A solicitor explains what a claim could bring.",
        "We will tell you whether your case can be won.",
        "We try to get you compensation.",
        "We obtain your medical records and look at your claim.",
        "We have promised to call you by 10:00.",
        "One in ten patients has an infection after the operation.",
        "The treatment has a success rate of 90%.",
        "You can enlarge the pages to 200% or 400%.",
        "You may be able to claim back the £3,000 that you paid.",
        "To start a claim the court fee is £455.",
        "You have not lost the right to a claim.",
    ],
)
def test_what_leaves_the_outcome_open_passes(sentence):
    assert outcomes(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "We'll win.",
        "We always win.",
        "We win.",
        "We will win for you.",
        "You are guaranteed to win.",
        "You'll get thousands.",
        "You could get £10,000.",
        "You could be owed £20,000.",
        "Get the compensation you deserve.",
        "We secured £35,000 for our client.",
        "We recovered £12,500 in damages for a client.",
        "Compensation is certain.",
        "You are entitled to compensation.",
        "You have a strong case.",
        "Success is certain.",
        "95% of our claims succeed.",
        "We succeed in 95% of cases.",
        "Our win rate is 97%.",
        "More than nine in ten of our clients win.",
        "We have a 99% success rate in cosmetic surgery claims.",
        "Our track record is unbeaten.",
        "Your case will be won.",
        "You will be awarded damages.",
        "You can't lose.",
        "A claim is risk-free.",
        "You have nothing to lose.",
        "We get results.",
        "Average payout: £15,000.",
        "Lip filler claims are worth £5,000 to £20,000.",
        "We never lose.",
        "You will not lose.",
        "You will definitely get compensation.",
        "We promise that you will win.",
        "We will make sure you get every penny.",
        "Not only do we win your case, we win it soon.",
        "There is no doubt that you will win.",
        "We cannot say it too often: you will win.",
        "You will be successful.",
        "We got £40,000 for a client with a scar.",
        "A client of ours received £25,000 after a botched lift.",
        "Our clients win.",
        "Most of our clients win their claims.",
        "You deserve compensation and we will get it.",
        "We will make them pay.",
        "There is no risk to you.",
        "In 9 of 10 cases we succeed.",
    ],
)
def test_each_of_these_claims_too_much_as_well(sentence):
    assert [*comparisons(sentence), *outcomes(sentence)] != []


@pytest.mark.parametrize(
    "sentence",
    [
        "He has a record of success in such cases.",
        "His aim is to seek a favourable outcome.",
        "You will receive a letter from us.",
        "You will get a reference.",
        "We will call you back.",
        "If it fails, you pay nothing.",
        "What would a claim bring?",
        "How much compensation might I get?",
        "It depends on the injury how much compensation you receive.",
        "Compensation is meant to put you where you would have been.",
        "Some claims succeed and others do not.",
        "One in three people who ask us has no claim.",
        "You will win nothing by waiting.",
        "The treatment costs £500.",
        "You can claim the cost of corrective surgery.",
        "The court awards compensation for pain and for lost wages.",
        "If the court finds for you, you will receive compensation.",
        "We recover your costs from the other side if we can.",
        "A claim under £1,500 goes to the small claims track.",
        "Since 2021 claims worth less than £5,000 follow another procedure.",
        "No result can be promised.",
        "Is it true that you will win?",
        "Success rates of fillers vary.",
        "About 5% of operations have complications.",
        "He won his case because he had photographs.",
        "Up to 2 in 100 patients get compensation.",
        "The surgeon said that you will get good results.",
        "You have nothing to lose by asking.",
        "We say whether you will win. No more.",
        "Claims for less than £1,000 usually go to the small claims track.",
        "The success fee is at most 25% of the damages.",
        "Most claims are settled out of court.",
    ],
)
def test_each_of_these_leaves_it_open_too(sentence):
    assert outcomes(sentence) == []


# --- no win no fee ---


@pytest.mark.parametrize(
    "sentence",
    [
        "No win, no charge.",
        "No win no cost.",
        "No win/no fee",
        "No win – no fee",
        "You only pay if we win.",
        "You pay nothing unless we win.",
        "No fee unless you win.",
        "We act under a conditional fee agreement.",
    ],
)
def test_each_of_these_offers_no_win_no_fee(sentence):
    assert no_win_no_fee(sentence) is not None


@pytest.mark.parametrize(
    "sentence",
    [
        "No fee is charged for the first call.",
        "We never say “no win, no fee”.",
        "No winner was named and no fee was set.",
        "You can win, and there is a fee.",
        "If it fails, you pay nothing.",
    ],
)
def test_none_of_these_offers_it(sentence):
    assert no_win_no_fee(sentence) is None


@pytest.mark.parametrize(
    "text",
    [
        "If the claim is lost, you pay us nothing. If it is won, a success fee of 25% is taken from it.",
        "We do not charge where a claim does not succeed. Else our fee comes out of your compensation.",
        "If we lose, we charge nothing; if we win, we take up to a quarter of the damages.",
        "Should the claim fail there is no fee. If it succeeds, up to a quarter comes out of the damages.",
    ],
)
def test_it_is_explained_by_what_is_paid_either_way(text):
    assert explains_no_win_no_fee(text)


@pytest.mark.parametrize(
    "text",
    [
        "The compensation can pay for care, and for wages that you lost. About 5% of patients are infected.",
        "You lose nothing by calling. We deduct nothing.",
        "The swelling is lost in 20% of patients. If the filler fails, see a doctor.",
        "If you lose, you pay us nothing.",
        "A success fee of 25% is taken from your compensation.",
    ],
)
def test_it_is_not_explained_by_words_that_stand_there_for_something_else(text):
    assert not explains_no_win_no_fee(text)
