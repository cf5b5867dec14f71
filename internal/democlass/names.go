package democlass

import "strings"

// The names of further students. None of the known students has one of them.
var (
	firstNames = strings.Fields(`Alba Bruno Carla Dario Edda Felix Greta Hugo Irene Jonas Karim Lena Milan Nadia Omar
		Petra Quentin Rosa Selim Tessa Ulrik Vera Wanda Xavier Yara Zeno Asha Boris Celia Dmitri Esme Farid Gwen Hamid
		Ivy Joao Kira Lars Mina Nils`)
	lastNames = strings.Fields(`Abreu Bauer Castro Demir Evans Fischer Garcia Hansen Iversen Jansen Kowal Lopez Meyer
		Novak Olsen Pereira Quinn Rossi Silva Tanaka Ueda Vargas Weber Xu Yilmaz Zhang Andrade Bello Costa Duarte Ekberg
		Faria Gomes Horvat Ibrahim Jovanov Keller Lindgren Moreira Nguyen`)
)

// extraStudent returns the nth student after the known ones. There are 1,600.
func extraStudent(n, batch int) person {
	first := firstNames[n%len(firstNames)]
	last := lastNames[(n/len(firstNames)+7*n)%len(lastNames)]
	p := student(first+" "+last, strings.ToLower(first+"."+last), batch, float64(7+5*n%15))
	switch n % 12 {
	case 3:
		return p.with(wentQuiet)
	case 6:
		return p.with(hasGap)
	case 9:
		return p.with(freePlan)
	}
	return p
}
