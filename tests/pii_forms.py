"""The forms of tests/pii.py by kind: `USUAL` are those that the finders were made with; `HELD_OUT` and `ELSEWHERE` were
written down later, each without a look at what the finders read."""

from __future__ import annotations

from collections.abc import Sequence

from tests.pii import PEOPLE, Draw, card, each, filled, iban, mail, named, person, said, spelt, strewn, upper, wide

FOURS = (4,)

# fmt: off
USUAL: dict[str, Sequence[Draw]] = {
    "EMAIL": (
        mail("{local}@{host}"), mail("{local}+news@{host}"), mail("{local}@bücher.example"), mail("{local} @ {host}"),
        spelt(" (at) | (dot) "), spelt("[at]|[dot]"), wide(mail("{local}@{host}")), strewn(mail("{local}@{host}")),
        mail("{local}%40{host}"), mail("{local}\\@{host}"), mail("<⟦{local}@{host}⟧>"), mail("用户@例子.中国"),
    ),
    "PHONE": (
        *each("+44 1632 96#### | +44 (0)1632 96#### | 01632 96#### | 07700 900### | ($##) $55-01## | $##-$55-01##"),
        *each("+1 $## $55 01## | 138######## | 139 #### #### | +86 137 #### #### | 010-$####### | +49 30 23125###"),
        *each("030 23125 ### | 01 99 00 ## ## | +33 1 99 00 ## ## | 0044 1632 96####"),
        wide(filled("138########")), strewn(filled("+44 1632 96####")),
    ),
    "CARD": (
        card("4", 16), card("4", 16, FOURS), card("51", 16, FOURS, "-"), card("34", 15, (4, 6, 5)), card("6011", 16),
        card("3530", 16, FOURS), card("62", 19), card("4", 13), wide(card("4", 16, FOURS)), strewn(card("55", 16)),
    ),
    "IBAN": (
        iban("DE", "##################", FOURS), iban("GB", "WEST##############", FOURS),
        iban("FR", "###########A###########"), iban("NL", "ABNA##########", FOURS, lower=True),
        wide(iban("DE", "##################", FOURS)),
    ),
    "IP": each("192.0.2.$# | 198.51.100.1$$ | 2001:db8::$#:$ | 2001:db8:0:0:0:0:0:$#"),
    "NAME": (
        lambda rng: rng.choice(PEOPLE), lambda rng: rng.choice(PEOPLE).upper(), lambda rng: rng.choice(PEOPLE).lower(),
        named("{b}, {a}"), named("{b} {a}"), named("{a}  {b}"), named("{i}. {b}"),
    ),
}

HELD_OUT: dict[str, Sequence[Draw]] = {
    "EMAIL": (
        mail("mailto:⟦{local}@{host}⟧"), mail("{local}.o'hara@{host}"), mail("⟦{local}@{host}⟧?subject=hi"),
        mail("{local}@δοκιμή.example"), mail("почта@пример.example"), mail("[Write](mailto:⟦{local}@{host}⟧)"),
        spelt(" at | dot "), spelt(" AT | DOT "), spelt(" {{at}} |."), mail("{local}&#64;{host}"),
        mail("{local}**@**{host}"), mail("{local}@\u200d{host}"), mail("{local}＠{host}"), mail("“⟦{local}@{host}⟧”"),
        mail("⟦{local}@{host}⟧,"),
    ),
    "PHONE": (
        *each("+39 06 $### #### | 06 $### #### | +34 612 ## ## ## | 612 ## ## ## | +46 8 123 ### ## | 08-123 ### ##"),
        *each("+48 22 $## ## ## | +55 11 9####-#### | (11) 9####-#### | +61 2 5550 #### | (02) 5550 #### | 0491 570 ###"),
        *each("+81 3-$###-#### | 03-$###-#### | 090-$###-#### | +82 10 $### #### | 010-$###-#### | +91 98### #####"),
        *each("+27 21 $## #### | 021 $## #### | +52 55 $### #### | +90 532 $## ## ## | 0532 $## ## ##"),
        *each("+7 (495) $##-##-## | 8 (495) $##-##-## | +41 44 $## ## ## | 044 $## ## ## | +32 470 ## ## ##"),
        *each("0470 ## ## ## | +353 1 $## #### | +45 $# ## ## ## | +65 6### #### | +852 $### #### | 1-800-$55-01##"),
        *each("$##.$55.01## | +1.$##.$55.01## | 021-5$###### | 0755 $####### | +49/30/23125### | 030/23125###"),
        *each("0151-23456### | +44-1632-96#### | +44.1632.96#### | (+44) 1632 96#### | (01632) 96#### | +441632 96####"),
        *each("00 44 1632 96#### | tel:⟦+441632960###⟧ | phone ⟦$$$ ####⟧ | call me on ⟦$$$-####⟧ | 电话⟦$#######⟧"),
        *each("+86-21-5$###### | 400-8##-#### | 07700 900### ext. 12 | +1 $## $55 01## x4"),
    ),
    "CARD": (
        card("4", 16, FOURS, "  "), card("52", 16, FOURS, "."), card("2221", 16, FOURS), card("37", 15),
        card("37", 15, (4, 6, 5), "-"), card("36", 14, (4, 6, 4)), card("38", 14), card("65", 16, FOURS, "–"),
        card("644", 16), card("62", 16, FOURS), card("4", 19, FOURS), card("5018", 16, FOURS), card("67", 16),
        card("2200", 16, FOURS), card("9", 16, FOURS, "-"), said("Visa: ", card("4", 16, (8,))),
        said("卡号", card("62", 19)), card("4", 16, FOURS, "\u00a0"), card("4", 16, FOURS, "%20"),
        strewn(card("4", 16, FOURS), "\u2060"),
    ),
    "IBAN": (
        iban("ES", "####################", FOURS), iban("IT", "X######################", FOURS),
        iban("CH", "#################", FOURS, "-"), iban("PL", "########################", (2, 4)),
        iban("MT", "MALT#####000000000000000###"), iban("NO", "###########", FOURS),
        iban("BE", "############", FOURS, "\u00a0"), iban("PT", "#####################", lower=True),
        iban("SE", "####################", FOURS, "."), iban("AE", "###################", (3,)),
        iban("TR", "#####0################", FOURS), said("IBAN: ", iban("IE", "AIBK##############", FOURS)),
    ),
    "IP": (
        *each("10.$.$$.1$$ | ⟦203.0.113.$#⟧:8080 | http://⟦192.0.2.$#⟧/x | 192[.]0[.]2[.]$# | [⟦2001:db8::$#⟧]"),
        *each("2001:0DB8:AC10:FE01:0000:0000:0000:00$# | fe80::$#ff:fe00:1 | ::ffff:192.0.2.$# | 192.0.2.0$#"),
        wide(filled("192.0.2.$#")),
    ),
    "NAME": (
        named("{a}_{b}"), named("{a}.{b}", str.lower), named("{a} Q. {b}"), named("{B} {a}"), named("⟦Mr {b}⟧"),
        named("Mrs. {b}"), named("{b} {i}."), strewn(named("{a} {b}")), named("{a}\u00a0{b}"), named("**{a}** {b}"),
        named("{a}+{b}"), named("{a}%20{b}"), named("⟦{a} {b}⟧’s"), person("Jose Alvarez Ruiz"), person("JOSÉ RUIZ"),
        person("Soren Kjaer"), person("van der Meer, Zoe"), person("Sean O'Rourke"), person("jean luc beranger"),
        person("Muge Yildirim"), person("Lukasz Wojcik"), person("Nguyen Thi Hanh"), person("李娜"),
        person("张 伟强"), person("山田太郎"), wide(named("{a} {b}")),
    ),
}

ELSEWHERE: dict[str, Sequence[Draw]] = {
    "EMAIL": (
        mail("{local} at {host}"), mail("{local}(at){host}"), mail("{local}[@]{host}"), spelt("[@]|[.]"),
        upper(mail("{local}@{host}")), mail("email=⟦{local}@{host}⟧&x=1"), mail("Someone <⟦{local}@{host}⟧>"),
        mail("⟦{local}@{host}⟧。"), mail("{local} @{host}"), mail("{local}@ {host}"), mail("'⟦{local}@{host}⟧'"),
        mail("{local}@a.b.example.museum"), strewn(mail("{local}@{host}"), "\u00ad"),
        mail("https://x.example/?u=⟦{local}%2Bvip%40{host}⟧"), mail("{local}艾特{host}"), wide(upper(mail("{local}@{host}"))),
    ),
    "PHONE": (
        *each("+43 1 $#### ## | +48 601 ### ### | +420 601 ### ### | +380 67 ### ## ## | +34-91-$##-##-##"),
        *each("+30 21# ### #### | +20 2 $### #### | +971 50 ### #### | +62 812 #### #### | +66 8# ### ####"),
        *each("+63 917 ### #### | +234 803 ### #### | +54 9 11 #### #### | +56 9 #### #### | +57 300 ### ####"),
        *each("09## ### #### | 0812-####-#### | 08#-###-#### | 6##.##.##.## | 06-1# ## ## ## | +44(0)1632-96####"),
        *each("+1-$##-$55-01## | 1 ($##) $55-01## | $## $55-01## | tel. ⟦0163-296####⟧ | 139-####-#### | 86-139########"),
        *each("0086 139 #### #### | 020-$####### | whatsapp ⟦$$$$$$$$⟧ | Tel.: ⟦+49 (0) 30 / 231 25 ###⟧ | +441632960###"),
        *each("+8613900000### | 0161 496 0### | 07700900### | +49 (151) 23456### | +33(0)199000### | 0199000###"),
    ),
    "CARD": (
        said("Card: ", card("4", 16)), card("4", 16, FOURS, "·"), card("30", 14, (4, 6, 4)), card("6304", 16),
        card("54", 16, FOURS, "−"), said("mastercard no. ", card("54", 16)), said("信用卡号：", card("4", 16, FOURS)),
        card("4", 16, (6, 10)), card("358", 16, FOURS), card("379", 15, (4, 6, 5), "."), wide(card("62", 19, FOURS)),
        card("2720", 16),
    ),
    "IBAN": (
        said("IBAN:", iban("DE", "##################")), iban("GR", "#######################", FOURS),
        iban("HU", "########################", FOURS), iban("RO", "AAAA################", FOURS),
        iban("FI", "##############"), iban("DK", "##############", FOURS), iban("BR", "#######################P#", FOURS),
        iban("SA", "####################", FOURS), iban("GB", "MIDL##############", FOURS, "/"),
        iban("DE", "##################", FOURS, "  "), iban("AT", "################", FOURS, lower=True),
        iban("CY", "########################", FOURS, "."),
    ),
    "IP": (
        *each("⟦172.16.$#.$#⟧/24 | ip=⟦203.0.113.$#⟧ | ⟦2001:db8::$#⟧/64 | ⟦192.0.2.$#⟧, | (⟦192.0.2.$#⟧) | 192.0.2.1$$"),
        *each("host:⟦2001:db8:1::$#⟧ | 2001:DB8:0:1::$#:$ | https://[⟦2001:db8::$#⟧]:443/"),
    ),
    "NAME": (
        named("{b} ({a})"), named("{a}-{b}", str.lower), named("{a}\t{b}"), named("Dr. ⟦{a} {b}⟧"), named("{a}\n{b}"),
        named("@{a}_{b}", str.lower), person("⟦张伟强⟧先生"), person("José Á. Ruiz"), person("O’ROURKE, SEAN"),
        person("Sean O Rourke"), person("Zoe van der Meer"), person("van der Meer Zoë"), person("JEAN LUC BÉRANGER"),
        person("李\u3000娜"), person("Hanh Nguyen"), person("欧阳 修文"), named("{a}·{b}"), named('"{a}" {b}'),
        named("{a}&nbsp;{b}"), named("{a} {b}", str.swapcase),
    ),
}
