"""Words of everyday English that name the same thing, so that a couch is found where the shop says sofa."""

from __future__ import annotations

from functools import cache

# A line a thing, with commas between its names of one or two words; none that means something else in another shop.
GROUPS = """
umbrella, brolly
laptop, notebook
television, tv, telly
phone, telephone, cellphone, handset
smartphone, mobile phone, cell phone
headphones, headset, earphones, earbuds
flash drive, usb stick, memory stick, pen drive, thumb drive
torch, flashlight
camcorder, video camera
monitor, display
hard drive, hard disk, hdd
loudspeaker, speaker
fridge, refrigerator
freezer, deep freeze
cooker, stove
hob, cooktop
vacuum, hoover
washing machine, washer
sofa, settee, couch
wardrobe, closet
curtains, drapes
duvet, quilt, comforter, eiderdown
doormat, door mat
tap, faucet
dustbin, wastebasket, trash can
fairy lights, string lights
spanner, wrench
plaster, band aid
nappy, diaper
dummy, pacifier, soother
pram, pushchair, stroller, buggy
cot, crib
baby, newborn, infant
child, kid, toddler
soft toy, cuddly toy, plush
jumper, sweater, pullover
cardigan, cardie
trousers, slacks, chinos
trainers, sneakers
wellies, wellingtons, wellington boots, gumboots
pyjamas, pajamas, pjs, nightwear
dressing gown, bathrobe
tights, pantyhose
waistcoat, gilet
swimsuit, bathing suit, swimming costume
t shirt, tee, tshirt
rucksack, backpack, knapsack
handbag, purse
suitcase, luggage
spectacles, eyeglasses
jewellery, jewelry
necklace, pendant
bracelet, bangle
present, gift, pressie
christmas, xmas, noel
birthday, bday
sweets, candy, confectionery
biscuits, cookies
crisps, potato chips
mug, beaker
crockery, tableware
cutlery, flatware, silverware
tea towel, dish towel, dishcloth
flannel, facecloth, washcloth
serviette, napkin
cling film, plastic wrap
jug, pitcher
sellotape, sticky tape, adhesive tape
notepad, writing pad
spotty, spotted, polka dot, polkadot, dotty
stripy, striped
flowery, floral
colourful, colorful, multicoloured
grey, gray
old fashioned, retro, vintage
wooden, wood
woollen, wool
aluminium, aluminum
secateurs, pruners, pruning shears
hosepipe, garden hose
barbecue, bbq
plane, aeroplane, airplane
car, automobile
lorry, truck
motorbike, motorcycle
bike, bicycle, cycle
"""


@cache
def same_as() -> dict[str, tuple[str, ...]]:
    """Each name → the other names of the thing, in lower case, words with one space between."""
    found: dict[str, tuple[str, ...]] = {}
    for line in GROUPS.strip().splitlines():
        names = [name.strip() for name in line.split(",")]
        for name in names:
            found[name] = (*found.get(name, ()), *(other for other in names if other != name))
    return found
