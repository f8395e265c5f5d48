package faker

import (
	"strings"
)

func company(p *planner, f *form, at *place, h *hint) maker {
	var all []string
	l := p.setting.locale
	for i, name := range l.last {
		form := l.firms[i%len(l.firms)]
		all = append(all, strings.Replace(form, "%s", name, 1))
	}
	return p.tableOf(f, all)
}

func phone(p *planner, f *form, at *place, h *hint) maker {
	who := role(at, otherPeople)
	return p.fit(f, &composed{form: `\+[0-9]{1,3}[0-9 ]{6,14}`, write: func(g *gen, dst []byte, _ key) []byte {
		c := g.country()
		k := g.scope.with(saltPhone ^ who)
		return appendShape(dst, c.phones[k.below(uint64(len(c.phones)))], k.with(saltDigits))
	}})
}

func iban(p *planner, f *form, at *place, h *hint) maker {
	return p.fit(f, &composed{form: `[A-Z]{2}[0-9]{2}[A-Z0-9]{14,24}`, check: account, write: func(g *gen, dst []byte, k key) []byte {
		c := g.country()
		var room [40]byte
		account := appendShape(room[:0], c.iban, k)
		if c.alpha2 == "GB" {
			account = append(append(room[:0], c.bics[0][:4]...), appendShape(nil, "##############", k)...)
		}
		a, b := ibanCheck(c.alpha2, string(account))
		dst = append(append(dst, c.alpha2...), a, b)
		return append(dst, account...)
	}})
}

func vatID(p *planner, f *form, at *place, h *hint) maker {
	return p.fit(f, &composed{form: `[A-Z]{2,3}[0-9]{8,10}`, check: taxNumber, write: func(g *gen, dst []byte, k key) []byte {
		c := g.country()
		dst = append(dst, c.vatPrefix...)
		start := len(dst)
		return c.vatID(appendDigits(dst, k.below(10_000_000_000), 10), start)
	}})
}
