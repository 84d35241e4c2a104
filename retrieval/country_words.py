"""What people call countries beyond CLDR's names: other names, adjectives, and what is no country of its own."""

# ISO code: other names, in any language; the first English one that a shop may use for it included.
ALIASES = {
    "AE": "UAE|Emirates|Vereinigte Emirate|Emiratos|阿联酋",
    "AU": "澳洲",
    "BA": "Bosnia",
    "BN": "Brunei Darussalam",
    "BO": "Plurinational State of Bolivia",
    "BY": "Belorussia|Weissrussland|Weißrussland|Biélorussie|Bielorrusia",
    "CD": "DR Congo|DRC|Democratic Republic of the Congo|Zaire|Congo-Kinshasa",
    "CG": "Congo|Republic of the Congo|Congo-Brazzaville",
    "CH": "Swiss Confederation",
    "CI": "Ivory Coast|Elfenbeinküste",
    "CN": "PR China|P.R. China|People's Republic of China|Mainland China|中国大陆|中國大陸",
    "CV": "Cape Verde|Kap Verde",
    "CZ": ("Czech Republic|Tschechische Republik|République tchèque|República Checa|Repubblica Ceca|Česká republika"),
    "DE": "Federal Republic of Germany|BRD|Bundesrepublik Deutschland",
    "FM": "Micronesia",
    "GB": (
        "UK|U.K.|Britain|Great Britain|United Kingdom of Great Britain and Northern Ireland"
        "|Großbritannien|Grossbritannien|Grande-Bretagne|Gran Bretaña|Gran Bretagna|Grã-Bretanha|Groot-Brittannië"
        "|Storbritannien|大不列颠|大英|联合王国|聯合王國"
    ),
    "HK": "Hong Kong|Hongkong|香港",
    "IE": "EIRE|Éire|Republic of Ireland|Irish Republic|Southern Ireland|爱尔兰共和国",
    "IR": "Islamic Republic of Iran|Persia",
    "KP": "North Korea|DPRK|朝鲜|北韓",
    "KR": "South Korea|Korea|Republic of Korea|Corea|Corée|Südkorea|南韩|南韓|韩国",
    "LA": "Lao|Lao PDR|Lao People's Democratic Republic",
    "MD": "Republic of Moldova",
    "MK": "Macedonia|FYROM",
    "MM": "Burma",
    "MO": "Macau|Macao|澳门|澳門",
    "NL": "Holland|Holanda|Olanda|Hollande|Hollandia|Holandia|Holandsko|Голландия|オランダ|和兰",
    "NZ": "Aotearoa|纽西兰|紐西蘭",
    "PS": "Palestine|State of Palestine",
    "RU": "Russian Federation|俄国|俄國",
    "SA": "KSA|Kingdom of Saudi Arabia",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkey|Türkiye|Turkiye",
    "TW": "Taiwan|台湾|臺灣|台灣",
    "TZ": "United Republic of Tanzania",
    "US": (
        "USA|U.S.A.|U.S.|US|United States|United States of America|the States|America|Amerika|Amérique|América"
        "|Stati Uniti|États-Unis d'Amérique|Vereinigte Staaten von Amerika|EE.UU.|EE. UU.|EEUU|ABD|США"
        "|アメリカ|米国|미국|美利坚合众国"
    ),
    "VA": "Vatican|Holy See",
    "VE": "Bolivarian Republic of Venezuela",
    "VN": "Viet Nam|越南",
    "ZA": "RSA|Republic of South Africa",
}

# Shops write these as countries though no ISO code is theirs.
ISLANDS = {"Channel Islands": "Kanalinseln|Îles Anglo-Normandes|Islas del Canal|Isole del Canale|海峡群岛|海峽群島"}

# ISO code: English adjectives and people, singular; the plural in -s of those in -an, -i, -er counts too.
DEMONYMS = {
    "AE": "Emirati",
    "AF": "Afghan",
    "AL": "Albanian",
    "AM": "Armenian",
    "AR": "Argentinian|Argentine|Argentinean",
    "AT": "Austrian",
    "AU": "Australian|Aussie",
    "AZ": "Azerbaijani",
    "BA": "Bosnian",
    "BD": "Bangladeshi",
    "BE": "Belgian",
    "BG": "Bulgarian",
    "BH": "Bahraini",
    "BO": "Bolivian",
    "BR": "Brazilian",
    "BY": "Belarusian",
    "CA": "Canadian",
    "CH": "Swiss",
    "CL": "Chilean",
    "CN": "Chinese",
    "CO": "Colombian",
    "CR": "Costa Rican",
    "CU": "Cuban",
    "CY": "Cypriot",
    "CZ": "Czech",
    "DE": "German",
    "DK": "Danish|Dane",
    "DZ": "Algerian",
    "EC": "Ecuadorian",
    "EE": "Estonian",
    "EG": "Egyptian",
    "ES": "Spanish|Spaniard",
    "ET": "Ethiopian",
    "FI": "Finnish|Finn",
    "FR": "French|Frenchman",
    "GB": "British|Brit|Briton",
    "GE": "Georgian",
    "GH": "Ghanaian",
    "GR": "Greek",
    "HR": "Croatian|Croat",
    "HU": "Hungarian",
    "ID": "Indonesian",
    "IE": "Irish",
    "IL": "Israeli",
    "IN": "Indian",
    "IQ": "Iraqi",
    "IR": "Iranian",
    "IS": "Icelandic|Icelander",
    "IT": "Italian",
    "JM": "Jamaican",
    "JO": "Jordanian",
    "JP": "Japanese",
    "KE": "Kenyan",
    "KR": "Korean|South Korean",
    "KW": "Kuwaiti",
    "KZ": "Kazakh",
    "LB": "Lebanese",
    "LK": "Sri Lankan",
    "LT": "Lithuanian",
    "LU": "Luxembourgish|Luxembourger",
    "LV": "Latvian",
    "MA": "Moroccan",
    "MT": "Maltese",
    "MX": "Mexican",
    "MY": "Malaysian",
    "NG": "Nigerian",
    "NL": "Dutch|Dutchman",
    "NO": "Norwegian",
    "NP": "Nepalese|Nepali",
    "NZ": "New Zealander",
    "OM": "Omani",
    "PE": "Peruvian",
    "PH": "Filipino|Philippine",
    "PK": "Pakistani",
    "PL": "Polish",
    "PT": "Portuguese",
    "QA": "Qatari",
    "RO": "Romanian",
    "RS": "Serbian|Serb",
    "RU": "Russian",
    "SA": "Saudi|Saudi Arabian",
    "SE": "Swedish|Swede",
    "SG": "Singaporean",
    "SI": "Slovenian|Slovene",
    "SK": "Slovak|Slovakian",
    "SN": "Senegalese",
    "SY": "Syrian",
    "TH": "Thai",
    "TN": "Tunisian",
    "TR": "Turkish|Turk",
    "TW": "Taiwanese",
    "UA": "Ukrainian",
    "US": "American",
    "UY": "Uruguayan",
    "VE": "Venezuelan",
    "VN": "Vietnamese",
    "ZA": "South African",
}

# Countries within a country: not equal to it, so they never match; it is the nearest that can be offered.
PARTS = {
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "Northern Ireland": "GB",
    "Angleterre": "GB",
    "Inglaterra": "GB",
    "Inghilterra": "GB",
    "Schottland": "GB",
    "Nordirland": "GB",
    "英格兰": "GB",
    "苏格兰": "GB",
    "威尔士": "GB",
    "北爱尔兰": "GB",
    "北愛爾蘭": "GB",
}

# Names with a country's name inside that mean something else.
OTHER_PLACES = (
    "North America|South America|Latin America|Central America|New Mexico|New Jersey|New England|New South Wales"
    "|West Indies|Nordamerika|Südamerika|Lateinamerika|北美|北美洲|南美|南美洲|拉丁美洲"
)


def _set(said: str) -> frozenset[str]:
    return frozenset(said.split())


# Everyday words that are also some country's name in some language: a name only where they are the whole text.
EVERYDAY = _set("island man indie fas umman inde liban viro")

# Things that are sold, or done to them, and bear a country's name: in small letters they are the country only after a
# preposition or beside people.
THINGS = _set("china turkey jersey guinea jordan chad georgia polish danish swiss panama swede")
BEFORE_PLACE = _set("in to from outside inside within across for into except excluding without only vs versus")
BESIDE_PEOPLE = _set("customer customers client clients buyer buyers shopper shoppers people market")

# Codes that are also words or units: in capitals they are the country after a preposition only.
CODE_WORDS = _set(
    "ad ai al am an and are arm as at be ben bra by can cd cm co com cv do dom est fin ge gin gum hm id in is it kg km"
    " la lb lie lt ma mac mar me mg ml mm mr ms my na ne no nor om pa pan pc pe per pm pr ps sa sc se sh si sm so st tc"
    " to tm ton tv vat vc vs"
)

# Chinese characters that only happen to stand together: 今日|本店 is no Japan.
NOT_INSIDE = _set("今日本 昨日本 明日本 每日本 当日本 當日本 次日本 同日本 也门店 也門店 马里奥")
