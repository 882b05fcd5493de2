//! Words that invented people, streets and towns are named with.

pub(crate) const GIRLS: &[&str] = &[
    "Adela", "Anya", "Beatrix", "Brielle", "Calla", "Chloë", "Dahlia", "Delphine", "Edda", "Elowen", "Farah", "Fern", "Greta",
    "Hadley", "Ines", "Isolde", "Junia", "Kaia", "Lark", "Linnea", "Maren", "Meadow", "Nadia", "Noor", "Odette", "Oriana",
    "Petra", "Quilla", "Renée", "Rosalind", "Saskia", "Sela", "Tamsin", "Thea", "Una", "Vesper", "Willa", "Xiomara", "Yara",
    "Zora",
];

pub(crate) const BOYS: &[&str] = &[
    "Alaric", "Anders", "Bram", "Caspian", "Cyrus", "Dashiell", "Dov", "Emrys", "Enzo", "Fenn", "Gideon", "Hale", "Idris",
    "Ilan", "Jory", "Kelso", "Lachlan", "Leif", "Magnus", "Mateo", "Nico", "Oren", "Orson", "Pax", "Quill", "Rafe", "Rémy",
    "Silas", "Soren", "Tadeo", "Thane", "Ulric", "Viggo", "Wendell", "Wyatt", "Xander", "Yusuf", "Yves", "Zane", "Zeke",
];

pub(crate) const LAST: &[&str] = &[
    "Abernathe", "Aldermoor", "Ashdown", "Bellwether", "Birchall", "Blackmere", "Brackenridge", "Calloway-Finch", "Cantrell",
    "Castellan", "Coldwater", "D'Arbanne", "Delacruz-Vane", "Dunmarrow", "Eastlake", "Elderfield", "Fairweather", "Fennimore",
    "Galloway", "Garrick", "Greenhalgh", "Hartsong", "Hawthorne", "Holloway", "Ibarrola", "Ironwood", "Jessamine", "Juniper",
    "Kestrel", "Kirkbride", "Larkspur", "Lindqvist", "Lockridge", "Marchetti", "Merriweather", "Montclair", "Nightingale",
    "Northcott", "Nuñez-Ward", "O'Farrow", "Oakhurst", "Okonjo", "Pemberton", "Pinecrest", "Quillon", "Quintanar", "Ravenel",
    "Redfern", "Rosewater", "Saltmarsh", "Sandoval", "Silverthorn", "Stonebridge", "Tallgrass", "Tanaka", "Thistlewood",
    "Umberfield", "Underhill", "Vandermeer", "Velasco", "Wakefield", "Westerling", "Whitlock", "Wintergreen", "Xavier",
    "Yarrow", "Yellowtail", "Zabriskie", "Zimmer", "Čapek",
];

pub(crate) const STREETS: &[&str] = &[
    "Alder", "Aspen Grove", "Bluebell", "Canyon View", "Cottonwood", "Dogwood", "Elk Ridge", "Foothill", "Gambel Oak",
    "Heron", "Juniper", "Kestrel", "Lupine", "Meadowlark", "Orchard", "Pinyon", "Quail Hollow", "Redrock", "Sagebrush",
    "Sego Lily", "Tamarack", "Willow Creek",
];

pub(crate) const TAGS: &[&str] = &["St", "Ave", "Dr", "Ln", "Way", "Cir", "Rd"];

pub(crate) const CITIES: &[(&str, &str, &str)] = &[
    ("Alder Springs", "Juniper", "84991"),
    ("Copper Fork", "Juniper", "84992"),
    ("Granite Ferry", "Juniper", "84993"),
    ("Sage Hollow", "Bristlecone", "84994"),
    ("Willow Bend", "Bristlecone", "84995"),
];

pub(crate) const NICKNAMES: &[&str] = &["Ace", "Bean", "Birdie", "Buddy", "Jet", "Kit", "Lucky", "Moss", "Sunny", "Teddy"];
