package faker

var german = locale{
	code:   "de",
	male:   []string{"Lukas", "Jonas", "Felix", "Maximilian", "Paul", "Jürgen", "Stefan", "Andreas", "Matthias", "Tobias", "Sebastian", "Florian", "Moritz", "Jörg", "Günther", "Niklas", "Björn", "Heiko", "Emil", "Anton"},
	female: []string{"Anna", "Lena", "Julia", "Sophie", "Käthe", "Marie", "Katharina", "Jana", "Sabine", "Petra", "Claudia", "Monika", "Bärbel", "Hannah", "Lea", "Greta", "Franziska", "Ute", "Nele", "Klara"},
	last:   []string{"Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann", "Schäfer", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Braun", "Krüger", "Hartmann", "Lange", "Köhler", "Groß", "Weiß", "Jäger", "Vogel", "Böhm"},
	mister: "Herr", miss: "Frau",
	titles:     []string{"Dr.", "Prof. Dr.", "Dipl.-Ing."},
	additional: []string{"2. OG links", "Hinterhaus", "Erdgeschoss rechts", "c/o Lager Süd", "Aufgang B"},
	firms:      []string{"%s GmbH", "%s AG", "%s KG", "%s & Söhne GmbH", "%s Handels GmbH"},
	products:   []string{"Baumwollhemd Oxford", "Laufschuh Isar", "Kaffeemühle Nr. 3", "Schreibtischlampe Luise", "Wanderrucksack 28 l", "Wollpullover Nordsee", "Edelstahl-Trinkflasche", "Notizbuch liniert A5", "Regenjacke Elbe", "Bettwäsche Leinen", "Fahrradhelm Urban", "Teekanne Porzellan", "Ledergürtel schmal", "Kinderpuzzle Bauernhof", "Bluetooth-Kopfhörer", "Keramikschale groß"},
	colors:     []string{"schwarz", "weiß", "blau", "rot", "grün", "grau", "beige", "dunkelblau"},
	categories: []string{"Herren", "Damen", "Schuhe", "Küche", "Wohnen", "Garten", "Taschen", "Hemden"},
	words:      []string{"Lager", "Auftrag", "Muster", "Zubehör", "Frühjahr", "Standard", "Filiale", "Sortiment"},
	sentences:  []string{"Bitte klingeln Sie beim Nachbarn.", "Die Lieferung erfolgt in zwei Paketen.", "Ersatz für eine frühere Bestellung.", "Rechnung bitte an die Zentrale.", "Ware wurde geprüft und freigegeben."},
	countries: []country{
		{
			alpha2: "DE", alpha3: "DEU", name: "Deutschland", language: "de_DE", currency: "EUR", vat: 19,
			cities: []city{
				{"Berlin", "10115", "Berlin", 52.53, 13.38}, {"Hamburg", "20095", "Hamburg", 53.55, 10.00}, {"München", "80331", "Bayern", 48.14, 11.57},
				{"Köln", "50667", "Nordrhein-Westfalen", 50.94, 6.96}, {"Frankfurt am Main", "60311", "Hessen", 50.11, 8.68}, {"Leipzig", "04109", "Sachsen", 51.34, 12.37},
				{"Düsseldorf", "40213", "Nordrhein-Westfalen", 51.23, 6.77}, {"Nürnberg", "90402", "Bayern", 49.45, 11.08}, {"Würzburg", "97070", "Bayern", 49.79, 9.93}, {"Göttingen", "37073", "Niedersachsen", 51.53, 9.94},
			},
			streets: []string{"Hauptstraße", "Bahnhofstraße", "Gartenweg", "Lindenallee", "Goethestraße", "Mühlenweg", "Schillerplatz", "Am Kirchberg", "Rosenweg", "Schloßstraße"},
			// 030 23125 is kept for fiction by the Bundesnetzagentur.
			phones: []string{"+49 30 23125###"}, iban: "##################", bics: []string{"DEUTDEFFXXX", "COBADEFFXXX", "GENODEF1S01"},
			vatPrefix: "DE", vatID: vatDE, ean: "400",
		},
		{
			alpha2: "AT", alpha3: "AUT", name: "Österreich", language: "de_AT", currency: "EUR", vat: 20,
			cities: []city{
				{"Wien", "1010", "Wien", 48.21, 16.37}, {"Graz", "8010", "Steiermark", 47.07, 15.44}, {"Linz", "4020", "Oberösterreich", 48.31, 14.29},
				{"Salzburg", "5020", "Salzburg", 47.81, 13.05}, {"Innsbruck", "6020", "Tirol", 47.27, 11.40}, {"St. Pölten", "3100", "Niederösterreich", 48.20, 15.63},
			},
			streets: []string{"Hauptstraße", "Mozartgasse", "Wiener Straße", "Kirchengasse", "Schubertring", "Gartengasse", "Bäckerstraße"},
			phones:  []string{"+43 1 555####"}, iban: "################", bics: []string{"GIBAATWWXXX", "RLNWATWWXXX"},
			vatPrefix: "ATU", vatID: vatAT, ean: "900",
		},
	},
}
