package faker

// The check digits of numbers in business, on ASCII digits.

// eanCheck is the last digit of a GTIN: the others from the right, weighted 3
// and 1, make a multiple of ten. GS1 General Specifications, 7.9.
func eanCheck(digits []byte) byte {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return '0' + byte((10-sum%10)%10)
}

// ibanCheck is the pair of digits after the country: ISO 13616, mod 97.
func ibanCheck(country, account string) (byte, byte) {
	rest := 0
	for _, c := range []byte(account + country + "00") {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	check := 98 - rest
	return '0' + byte(check/10), '0' + byte(check%10)
}

// A vatRule turns ten random digits, which begin at start, into a VAT number
// without its prefix: it shortens them and makes the check right.
type vatRule func(dst []byte, start int) []byte

// vatDE: 9 digits, the last by ISO 7064 mod 11,10.
func vatDE(dst []byte, start int) []byte {
	dst = dst[:start+9]
	d := nonZero(dst[start : start+8])
	p := 10
	for _, c := range d {
		s := (int(c-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	dst[start+8] = '0' + byte((11-p)%10)
	return dst
}

// vatAT: 8 digits; the last is 10 - (S + 4) mod 10, where every second digit
// counts the digit sum of its double.
func vatAT(dst []byte, start int) []byte {
	dst = dst[:start+8]
	sum := 0
	for i, c := range dst[start : start+7] {
		v := int(c - '0')
		if i%2 == 1 {
			v = v*2/10 + v*2%10
		}
		sum += v
	}
	dst[start+7] = '0' + byte((10-(sum+4)%10)%10)
	return dst
}

// vatCZ: the 8 digits of a company, weights 8 … 2, mod 11.
func vatCZ(dst []byte, start int) []byte {
	dst = dst[:start+8]
	if dst[start] == '9' { // not given to companies
		dst[start] = '2'
	}
	sum := 0
	for i, c := range dst[start : start+7] {
		sum += int(c-'0') * (8 - i)
	}
	dst[start+7] = '0' + byte((11-sum%11)%10)
	return dst
}

// vatPL: 10 digits, weights 6 5 7 2 3 4 5 6 7, mod 11; a remainder of ten is
// not given out.
func vatPL(dst []byte, start int) []byte {
	d := nonZero(dst[start : start+9])
	weights := [...]int{6, 5, 7, 2, 3, 4, 5, 6, 7}
	for {
		sum := 0
		for i, c := range d {
			sum += int(c-'0') * weights[i]
		}
		if sum%11 < 10 {
			dst[start+9] = '0' + byte(sum%11)
			return dst[:start+10]
		}
		d[8] = '0' + (d[8]-'0'+1)%10
	}
}

// vatGB: 9 digits; the last two make the weighted sum, weights 8 … 2, a
// multiple of 97.
func vatGB(dst []byte, start int) []byte {
	sum := 0
	for i, c := range nonZero(dst[start : start+7]) {
		sum += int(c-'0') * (8 - i)
	}
	check := 97 - sum%97
	dst[start+7], dst[start+8] = '0'+byte(check/10), '0'+byte(check%10)
	return dst[:start+9]
}

func nonZero(d []byte) []byte {
	if d[0] == '0' {
		d[0] = '1'
	}
	return d
}
