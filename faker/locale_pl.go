package faker

var polish = locale{
	code:       "pl",
	male:       []string{"Jakub", "Antoni", "Szymon", "Michał", "Łukasz", "Paweł", "Tomasz", "Wojciech", "Grzegorz", "Krzysztof", "Marcin", "Stanisław", "Rafał", "Mateusz", "Zbigniew", "Andrzej", "Dawid", "Kacper", "Błażej", "Józef"},
	female:     []string{"Zuzanna", "Julia", "Maja", "Agnieszka", "Małgorzata", "Katarzyna", "Ewa", "Barbara", "Joanna", "Elżbieta", "Aleksandra", "Natalia", "Bożena", "Jadwiga", "Grażyna", "Oliwia", "Wiktoria", "Świętosława", "Łucja", "Halina"},
	last:       []string{"Nowak", "Kowalski", "Wiśniewski", "Wójcik", "Kowalczyk", "Kamiński", "Lewandowski", "Zieliński", "Szymański", "Woźniak", "Dąbrowski", "Kozłowski", "Jankowski", "Mazur", "Kwiatkowski", "Krawczyk", "Piotrowski", "Grabowski", "Pawłowski", "Michalski", "Król", "Wieczorek", "Jabłoński", "Wróbel", "Majewski", "Stępień", "Malinowski", "Górski", "Sikora", "Żukowski"},
	lastFemale: []string{"Nowak", "Kowalska", "Wiśniewska", "Wójcik", "Kowalczyk", "Kamińska", "Lewandowska", "Zielińska", "Szymańska", "Woźniak", "Dąbrowska", "Kozłowska", "Jankowska", "Mazur", "Kwiatkowska", "Krawczyk", "Piotrowska", "Grabowska", "Pawłowska", "Michalska", "Król", "Wieczorek", "Jabłońska", "Wróbel", "Majewska", "Stępień", "Malinowska", "Górska", "Sikora", "Żukowska"},
	mister:     "Pan", miss: "Pani",
	titles:     []string{"dr", "mgr", "inż.", "prof."},
	additional: []string{"II piętro", "klatka B", "lokal usługowy", "m. 14"},
	firms:      []string{"%s Sp. z o.o.", "%s S.A.", "%s i Synowie Sp. z o.o.", "Hurtownia %s Sp.j."},
	products:   []string{"Koszula bawełniana", "Buty do biegania Wisła", "Kubek porcelanowy", "Lampka biurkowa", "Plecak turystyczny 28 l", "Sweter wełniany", "Butelka stalowa", "Zeszyt w linie A5", "Kurtka przeciwdeszczowa", "Pościel lniana", "Kask rowerowy", "Czajniczek do herbaty", "Pasek skórzany", "Układanka Mazury", "Słuchawki bezprzewodowe", "Miska ceramiczna"},
	colors:     []string{"czarny", "biały", "niebieski", "czerwony", "zielony", "szary", "beżowy", "żółty"},
	categories: []string{"Męskie", "Damskie", "Obuwie", "Kuchnia", "Dom", "Ogród", "Torby", "Dziecięce"},
	words:      []string{"magazyn", "zamówienie", "próbka", "akcesoria", "wiosna", "zwykły", "oddział", "oferta"},
	sentences:  []string{"Proszę dzwonić do sąsiadów.", "Przesyłka dotrze w dwóch paczkach.", "Wymiana poprzedniego zamówienia.", "Fakturę proszę wysłać do centrali.", "Towar został sprawdzony."},
	countries: []country{{
		alpha2: "PL", alpha3: "POL", name: "Polska", language: "pl_PL", currency: "PLN", vat: 23,
		cities: []city{
			{"Warszawa", "00-001", "mazowieckie", 52.23, 21.01}, {"Kraków", "30-002", "małopolskie", 50.06, 19.94}, {"Łódź", "90-001", "łódzkie", 51.77, 19.46},
			{"Wrocław", "50-001", "dolnośląskie", 51.11, 17.03}, {"Poznań", "60-101", "wielkopolskie", 52.41, 16.93}, {"Gdańsk", "80-001", "pomorskie", 54.35, 18.65},
			{"Białystok", "15-001", "podlaskie", 53.13, 23.16}, {"Toruń", "87-100", "kujawsko-pomorskie", 53.01, 18.60}, {"Rzeszów", "35-001", "podkarpackie", 50.04, 22.00}, {"Częstochowa", "42-200", "śląskie", 50.81, 19.12},
		},
		streets: []string{"ul. Długa", "ul. Polna", "ul. Leśna", "ul. Słoneczna", "ul. Kościuszki", "ul. Mickiewicza", "al. Jana Pawła II", "ul. Ogrodowa", "ul. Łąkowa", "pl. Wolności"},
		phones:  []string{"+48 22 ### ## ##", "+48 501 ### ###"}, iban: "########################", bics: []string{"BPKOPLPWXXX", "PKOPPLPWXXX", "BREXPLPWXXX"},
		vatPrefix: "PL", vatID: vatPL, ean: "590",
	}},
}
