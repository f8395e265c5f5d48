package faker

var czech = locale{
	code:       "cs",
	male:       []string{"Jakub", "Jan", "Tomáš", "Matěj", "Ondřej", "Vojtěch", "Lukáš", "Petr", "Jiří", "Martin", "Pavel", "Zdeněk", "Václav", "Luboš", "Radek", "Miloš", "Filip", "David", "Štěpán", "Karel"},
	female:     []string{"Tereza", "Eliška", "Anna", "Adéla", "Karolína", "Kateřina", "Lucie", "Jana", "Zdeňka", "Markéta", "Veronika", "Hana", "Lenka", "Šárka", "Barbora", "Žaneta", "Klára", "Věra", "Michaela", "Nikola"},
	last:       []string{"Novák", "Svoboda", "Novotný", "Dvořák", "Černý", "Procházka", "Kučera", "Veselý", "Horák", "Němec", "Pokorný", "Marek", "Pospíšil", "Hájek", "Jelínek", "Král", "Růžička", "Beneš", "Fiala", "Sedláček", "Doležal", "Zeman", "Kolář", "Krejčí", "Čermák", "Vaněk", "Urban", "Šimek", "Kříž", "Řezníček"},
	lastFemale: []string{"Nováková", "Svobodová", "Novotná", "Dvořáková", "Černá", "Procházková", "Kučerová", "Veselá", "Horáková", "Němcová", "Pokorná", "Marková", "Pospíšilová", "Hájková", "Jelínková", "Králová", "Růžičková", "Benešová", "Fialová", "Sedláčková", "Doležalová", "Zemanová", "Kolářová", "Krejčí", "Čermáková", "Vaňková", "Urbanová", "Šimková", "Křížová", "Řezníčková"},
	mister:     "Pan", miss: "Paní",
	titles:     []string{"Ing.", "Mgr.", "MUDr.", "Bc."},
	additional: []string{"2. patro", "vchod ze dvora", "byt č. 7", "přízemí vpravo"},
	firms:      []string{"%s s.r.o.", "%s a.s.", "%s a synové s.r.o.", "Obchod %s s.r.o."},
	products:   []string{"Tričko bavlněné", "Běžecké boty Vltava", "Hrnek porcelánový", "Lampička stolní", "Batoh turistický 28 l", "Svetr vlněný", "Láhev nerezová", "Zápisník linkovaný A5", "Bunda nepromokavá", "Povlečení lněné", "Přilba cyklistická", "Konvice čajová", "Pásek kožený", "Puzzle Český ráj", "Sluchátka bezdrátová", "Miska keramická"},
	colors:     []string{"černá", "bílá", "modrá", "červená", "zelená", "šedá", "béžová", "žlutá"},
	categories: []string{"Pánské", "Dámské", "Obuv", "Kuchyně", "Domácnost", "Zahrada", "Tašky", "Dětské"},
	words:      []string{"sklad", "objednávka", "vzorek", "příslušenství", "jaro", "běžný", "pobočka", "nabídka"},
	sentences:  []string{"Prosím zazvonit u sousedů.", "Zásilka dorazí ve dvou balících.", "Náhrada za předchozí objednávku.", "Fakturu zašlete na ústředí.", "Zboží bylo zkontrolováno."},
	countries: []country{{
		alpha2: "CZ", alpha3: "CZE", name: "Česko", language: "cs_CZ", currency: "CZK", vat: 21,
		cities: []city{
			{"Praha", "110 00", "Hlavní město Praha", 50.09, 14.42}, {"Brno", "602 00", "Jihomoravský kraj", 49.20, 16.61}, {"Ostrava", "702 00", "Moravskoslezský kraj", 49.84, 18.29},
			{"Plzeň", "301 00", "Plzeňský kraj", 49.75, 13.38}, {"Liberec", "460 01", "Liberecký kraj", 50.77, 15.06}, {"Olomouc", "779 00", "Olomoucký kraj", 49.59, 17.25},
			{"České Budějovice", "370 01", "Jihočeský kraj", 48.97, 14.47}, {"Hradec Králové", "500 02", "Královéhradecký kraj", 50.21, 15.83}, {"Ústí nad Labem", "400 01", "Ústecký kraj", 50.66, 14.03}, {"Zlín", "760 01", "Zlínský kraj", 49.22, 17.66},
		},
		streets: []string{"Dlouhá", "Nádražní", "Husova", "Školní", "Zahradní", "Masarykova", "Palackého", "Květinová", "Příčná", "Lipová"},
		phones:  []string{"+420 601 ### ###", "+420 724 ### ###"}, iban: "####000000##########", bics: []string{"KOMBCZPPXXX", "GIBACZPXXXX", "FIOBCZPPXXX"},
		vatPrefix: "CZ", vatID: vatCZ, ean: "859",
	}},
}
