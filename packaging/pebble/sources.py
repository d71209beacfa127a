"""The sources of the training data and their licenses, for the model card.

Data only: the name that text.py and people.py use for a source, its title, its license.
"""

SOURCES: dict[str, tuple[str, str]] = {
    "grammar": ("grammar.py of this project", "Apache 2.0"),
    "random words": ("wamerican, and words of the others", "as theirs"),
    "banking-dining": ("PolyAI task-specific datasets", "CC BY 4.0"),
    "chatterbot": ("chatterbot-corpus, (c) 2017 Gunther Cox", "BSD 3-Clause"),
    "commonvoice": ("Mozilla Common Voice", "CC0 1.0"),
    "email": ("EmailIntentDataSet, (c) 2014 Parakweet Labs, Inc", "Apache 2.0"),
    "ljspeech": ("The LJ Speech Dataset, Keith Ito", "public domain"),
    "lower-clinc": ("CLINC150, Larson et al. 2019", "CC BY 3.0"),
    "lower-hwu64": ("NLU-Evaluation-Data, Liu et al. 2019", "CC BY 4.0"),
    "lower-multidogo": ("MultiDoGO, Peskov et al. 2019", "CDLA-Permissive 1.0"),
    "lower-slurp": ("SLURP, Bastianelli et al. 2020, its text", "CC BY 4.0"),
    "lower-snips": ("Snips", "CC0 1.0"),
    "lower-wordnet": ("WordNet 3.0, (c) 2006 Princeton University", "WordNet"),
    "meetings": ("QMSum, AMI and ICSI meetings", "MIT, CC BY 4.0"),
    "mimic": ("Mimic Recording Studio, Mycroft AI", "Apache 2.0"),
    "selfdialogue": ("The Self-dialogue Corpus, Fainberg et al. 2018", "BSD 3-Clause"),
    "taskmaster": ("Taskmaster-3 and -4, Google LLC", "CC BY 4.0"),
    "tatoeba": ("Tatoeba (tatoeba.org), 2018-11-17", "CC BY 2.0 FR"),
    "vctk": ("CSTR VCTK Corpus, Yamagishi, Veaux, MacDonald", "CC BY 4.0"),
}
SPEECH: dict[str, tuple[str, str]] = {
    "commonvoice": ("Mozilla Common Voice", "CC0 1.0"),
    "librispeech": ("LibriSpeech, Panayotov et al. 2015", "CC BY 4.0"),
    "ljspeech": ("The LJ Speech Dataset, read by Linda Johnson", "public domain"),
    "speechocean762": (
        "speechocean762, Zhang et al. 2021",
        "free for commercial and non-commercial use",
    ),
}
