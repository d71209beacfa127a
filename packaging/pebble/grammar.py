"""Sentences that people dictate at work and at home, as templates and word lists.

Data only. Templates have slots in braces, which text.py fills. Slots in capitals are
open: they accept thousands of dictionary words of that kind.
"""

# ruff: noqa: SIM905  # lists of words read better as text

# Names that sound alike. The first spelling is used unless a keyword lists the other.
SEEN_RIVALS = [
    ("Catherine", "Katherine"), ("Steven", "Stephen"), ("John", "Jon"),
    ("Sarah", "Sara"), ("Brian", "Bryan"), ("Eric", "Erik"), ("Mark", "Marc"),
    ("Philip", "Phillip"), ("Anne", "Ann"), ("Alan", "Allan"), ("Sean", "Shawn"),
    ("Nicholas", "Nicolas"), ("Geoffrey", "Jeffrey"), ("Rachel", "Rachael"),
    ("Theresa", "Teresa"), ("Rebecca", "Rebekah"), ("Lewis", "Louis"),
    ("Frances", "Francis"), ("Hannah", "Hanna"), ("Carl", "Karl"),
    ("Lesley", "Leslie"), ("Isabel", "Isobel"), ("Graham", "Graeme"),
    ("Zoe", "Zoey"), ("Lily", "Lilly"), ("Stuart", "Stewart"),
]  # fmt: skip
UNSEEN_RIVALS = [
    ("Claire", "Clare"), ("Neil", "Neal"), ("Megan", "Meghan"), ("Craig", "Kraig"),
    ("Gary", "Garry"), ("Vivian", "Vivien"), ("Laurence", "Lawrence"),
    ("Elliot", "Eliot"), ("Christopher", "Kristopher"), ("Susannah", "Susanna"),
]  # fmt: skip

WORDS: dict[str, list[str]] = {
    "name": """Peter Paul Linda Martin Laura Simon Emma Daniel Julia Thomas Alice
        Victor Nora Oliver Grace Henry Clara Felix Irene Leonard Monica Robert Helen
        Kevin Diana George Olivia Samuel Amanda Patrick Judith Edward Veronica Arthur
        Melissa Harold Gloria Vincent Bridget Walter""".split(),
    "family": """Parker Miller Johnson Bennett Carter Foster Hughes Morgan Palmer
        Rodriguez Simmons Turner Wagner Anderson Campbell Douglas Fletcher Harrison
        Jenkins Lambert Novak Peterson Richards Schneider Thompson""".split(),
    "city": """London Berlin Chicago Madrid Boston Dublin Seattle Toronto Vienna
        Denver Oslo Geneva Lisbon Sydney Tokyo Atlanta Bristol Prague""".split(),
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "month": """January February March April June July August September October
        November December""".split(),
    "number": """two three four five six seven eight nine ten eleven twelve fifteen
        twenty thirty forty fifty sixty ninety""".split(),
    "when": """today tomorrow tonight soon later now yesterday this|morning
        this|afternoon next|week next|month last|week at|noon before|lunch
        after|the|meeting in|the|evening over|the|weekend right|away by|tomorrow
        first|thing in|an|hour""".split(),
    "person": """manager teacher doctor driver lawyer nurse client customer
        neighbor colleague engineer director cousin brother sister daughter mother
        father uncle assistant secretary plumber gardener student visitor
        team""".split(),
    "thing": """report letter contract invoice budget calendar ticket document
        password printer laptop phone kitchen window garden bicycle car message
        email proposal order parcel picture project schedule meeting agenda
        presentation recipe dinner medicine appointment flight hotel bill paper
        bottle table chair cupboard umbrella jacket coffee key folder file drawing
        summary draft version page list note plan idea question answer
        problem""".split(),
    "place": """office kitchen garage station airport library school hospital
        bank market bakery pharmacy theatre museum basement hallway
        warehouse restaurant""".split(),
    "food": """bread butter milk cheese apples carrots onions tomatoes potatoes
        rice chicken soup sugar salt pepper yogurt oranges bananas garlic olives
        lemons mushrooms spinach noodles honey""".split(),
    "adjective": """new old important urgent small large final quiet clean broken
        heavy early late cheap expensive strange perfect simple careful easy
        difficult possible ready open careful bright""".split(),
    "do": """send print check sign write read finish review open close move find
        change update cancel confirm order prepare clean repair forward delete copy
        deliver translate explain discuss remember forget bring keep""".split(),
    "done": """sent printed checked signed written finished reviewed opened closed
        moved found changed updated cancelled confirmed ordered prepared cleaned
        repaired forwarded deleted copied delivered translated explained discussed
        forgotten""".split(),
    "how": """quickly slowly carefully again together alone properly early
        twice once""".split(),
}

TEMPLATES = [
    "Please {do} the {thing} before {day}.",
    "Please {do} the {adjective} {thing} and {do} the {NOUN}.",
    "Can you {do} the {thing} for {name} {when}?",
    "Could you {do} the {NOUN} with the {ADJECTIVE} {NOUN} {when}?",
    "I have {done} the {thing} for the {person}.",
    "I have not {done} the {ADJECTIVE} {NOUN} yet.",
    "We need {number} {PLURAL} and some {food} for {when}.",
    "We need more {food}, {food} and {food}.",
    "Add {food}, {food} and {number} {PLURAL} to the shopping list.",
    "Remind me to {do} the {thing} on {day}.",
    "Remind me to call {name} about the {NOUN} {when}.",
    "The {person} said that the {NOUN} was very {adjective}.",
    "The {person} will {VERB} the {NOUN} {when}.",
    "The {ADJECTIVE} {NOUN} is in the {place}.",
    "The {thing} on the {NOUN} looks {ADJECTIVE}.",
    "{name} wants to {VERB} the {thing} in {month}.",
    "{name} and {name} are {ING} the {NOUN} in {city}.",
    "{name} {family} lives in {city} and works with {PLURAL}.",
    "My {person} is {ING} the {ADJECTIVE} {NOUN}.",
    "My {person} bought {number} {PLURAL} in {city}.",
    "Dear {name}, thank you for the {adjective} {thing}.",
    "Dear {name}, I am sorry about the {NOUN}.",
    "Hello {name}, are you free on {day} {when}?",
    "Thank you very much, {name}.",
    "Best regards, {name} {family}.",
    "Where did you put the {ADJECTIVE} {NOUN}?",
    "Where is the {thing} that {name} {done} {when}?",
    "When will the {person} {do} the {thing}?",
    "Why was the {NOUN} {ED} in {month}?",
    "Who has {done} the {NOUN} in the {place}?",
    "What do you think about the {ADJECTIVE} {NOUN}?",
    "How many {PLURAL} do we need for the {thing}?",
    "Is the {place} {adjective} on {day}?",
    "Do you want to {VERB} the {NOUN} or the {NOUN}?",
    "If the {NOUN} is {adjective}, we can {VERB} it {when}.",
    "When the {person} comes, please {do} the {thing}.",
    "It was {ADV} {ADJECTIVE}, but the {person} {ED} the {NOUN}.",
    "They {ED} the {NOUN} and {ED} the {PLURAL}.",
    "She {ED} {number} {PLURAL} in the {place} {when}.",
    "He {ADV} {ED} the {NOUN} of the {person}.",
    "I think {name} should {VERB} the {NOUN} {how}.",
    "I am {ING} the {thing} {how}, so please wait.",
    "We will meet {name} at the {place} on {day} at {number}.",
    "The meeting with {name} {family} is on the {number} of {month}.",
    "Let us {VERB} the {NOUN} and then {do} the {thing}.",
    "There are {number} {PLURAL} under the {ADJECTIVE} {NOUN}.",
    "There is a {ADJECTIVE} {NOUN} near the {place}.",
    "No, the {NOUN} was not {ED} by the {person}.",
    "Yes, I will {VERB} the {NOUN} {when}.",
    "Our {person} has a {ADJECTIVE} {NOUN} and a {NOUN}.",
    "The {PLURAL} are {ADV} {ADJECTIVE} {when}.",
    "Turn on the {NOUN} in the {place} at {number}.",
    "Book a {thing} to {city} for {number} {PLURAL}.",
    "Tell {name} that the {ADJECTIVE} {thing} is ready.",
    "New note, the {NOUN} needs {ING} {when}.",
    "This {NOUN} costs {number} dollars and that {NOUN} is free.",
    "Please ask the {person} to {VERB} these {PLURAL} {how}.",
    "Everyone liked the {NOUN}, the {NOUN} and the {PLURAL}.",
    "Do not {VERB} the {NOUN} without a {NOUN}.",
    "After {ING} the {PLURAL}, {name} {ED} the {thing}.",
]
