package seed

import "strings"

// The names that more students are called by, all of them unlike those of the known.
var (
	firstNames = strings.Fields(`Alba Bruno Carla Dario Edda Felix Greta Hugo Irene Jonas Karim Lena Milan Nadia Omar
		Petra Quentin Rosa Selim Tessa Ulrik Vera Wanda Xavier Yara Zeno Asha Boris Celia Dmitri Esme Farid Gwen Hamid
		Ivy Joao Kira Lars Mina Nils`)
	lastNames = strings.Fields(`Abreu Bauer Castro Demir Evans Fischer Garcia Hansen Iversen Jansen Kowal Lopez Meyer
		Novak Olsen Pereira Quinn Rossi Silva Tanaka Ueda Vargas Weber Xu Yilmaz Zhang Andrade Bello Costa Duarte Ekberg
		Faria Gomes Horvat Ibrahim Jovanov Keller Lindgren Moreira Nguyen`)
)

// oneMore returns the nth student beyond those that are known. There are 1,600.
func oneMore(n, batch int) Person {
	first := firstNames[n%len(firstNames)]
	last := lastNames[(n/len(firstNames)+7*n)%len(lastNames)]
	p := student(first+" "+last, strings.ToLower(first+"."+last), batch, float64(7+5*n%15))
	switch n % 12 {
	case 3:
		return p.with(WentQuiet)
	case 6:
		return p.with(HasGap)
	case 9:
		return p.with(FreePlan)
	}
	return p
}
