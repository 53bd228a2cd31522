//! What `--help` says, in German.

use super::Help;

/// The words.
pub(super) const HELP: Help = Help {
    about: "Beide sagen bereit; jeder kann stoppen; Stille stoppt.",
    usage: "Aufruf:",
    commands: "Befehle",
    arguments: "Argumente",
    options: "Optionen",
    default: " [sonst: {value}]",
    values: " [Werte: {values}]",
    unknown: "{what} gibt es hier nicht.",
    similar: "Ähnlich ist: {what}",
    no_value: "{what} braucht einen Wert.",
    bad_value: "„{value}“ geht nicht für {what}.",
    takes_none: "{what} nimmt keinen Wert.",
    twice: "{what} ist einmal zu viel oder passt nicht zum Rest.",
    missing: "Es fehlt: {what}",
    not_read: "Diese Befehlszeile ist nicht zu lesen.",
    more: "Mehr sagt: {what}",
    print_help: "Diese Hilfe zeigen",
    print_version: "Die Version zeigen",
    host: "Eine Sitzung eröffnen und zeigen, wie das andere Gerät hineinkommt",
    join: "Einer Sitzung mit ihrem Code oder Link beitreten",
    resume: "Zur letzten Sitzung zurückkehren, nach einem Absturz oder geschlossenen Terminal",
    sessions: "Die Sitzungen auflisten, die dieses Gerät kennt, die neueste zuerst",
    show: "Eine Sitzung lesen: Zahlen, Zeitleiste, jedes Zeichen und was daraus wurde",
    export: "Eine Sitzung in eine Datei schreiben",
    verify: "Prüfen, ob eine exportierte Datei ganz, gereiht, unverändert und unterschrieben ist",
    delete: "Eine Sitzung für beide löschen, sofort und endgültig",
    note: "Einer beendeten Sitzung eine Notiz hinzufügen: privat, wenn sie nicht geteilt wird",
    relay: "Die Adresse des Servers [sonst: die des Links oder der Sitzung, sonst der einzige Server in diesem Netz, sonst http://localhost:8080]",
    ca: "Wem zu glauben ist, dass er der Server ist, bei einer https-Adresse: seiner Stelle in PEM oder DER, und niemandem sonst [sonst: wem dieses System vertraut]",
    json: "JSON sprechen: in einer Sitzung eine Ausgabezeile für jede Änderung, Befehle als Eingabezeilen; bei den anderen Befehlen ein Objekt",
    lang: "Die Sprache des Programms und dessen, was gezeigt oder exportiert wird [sonst: die von LC_ALL, LC_MESSAGES oder LANG]",
    role: "Ihre Rolle",
    name: "Wie Sie genannt werden",
    no_rehearsal: "Ohne geprobten Stopp laufen (das Protokoll sagt es)",
    no_setup: "Ohne die Listen laufen (das Protokoll sagt es)",
    check_in: "Nach so vielen Sekunden ohne Zeichen fragen „Ist das so in Ordnung?“; 0: nie",
    hold_to_consent: "Läuft nur, solange der Empfänger hält: den Daumen auf dem Bildschirm des Telefons oder hier eine Taste. Loslassen ist Stopp",
    keep: "Wie lange das Protokoll nach dem Ende bleibt, für beide: Tage, etwa 7d, oder none",
    invitation: "Der Code (K7M-2QX4R) oder der Link vom anderen Gerät",
    resume_role: "Die Rolle, in die Sie zurückkehren, wenn beide auf diesem Rechner waren",
    check: "Den Server jeder Sitzung fragen, ob sie noch aufbewahrt wird",
    what: "Die Sitzung: ihre Nummer in der Liste, ihre Kennung oder deren Anfang; oder eine in JSON exportierte Datei [sonst: die neueste Sitzung]",
    session: "Die Sitzung: ihre Nummer in der Liste, ihre Kennung oder deren Anfang",
    past_role: "Ihre Rolle darin, wenn beide auf diesem Rechner waren",
    format: "Was zu schreiben ist. Nur JSON lässt sich prüfen",
    output: "Wohin es zu schreiben ist; - ist die Standardausgabe [sonst: tapcue-ID.FORMAT in diesem Ordner]",
    force: "Eine vorhandene Datei überschreiben",
    file: "Die Datei, in JSON; - ist die Standardeingabe",
    key: "Der einzige Schlüssel, der unterschrieben haben darf, als 64 Hexadezimalziffern; oder nennen Sie einen Server mit --relay, dann ist es dessen",
    yes: "Nicht fragen",
    only_here: "Nur auf diesem Gerät vergessen: Der Server bewahrt sie auf, und dieses Gerät erreicht sie nie wieder",
    text: "Was zu notieren ist; mit --about kann es fehlen, dann wird der Eintrag markiert",
    shared: "Die andere Person darf sie auch lesen",
    about_entry: "Die Nummer des Eintrags, zu dem sie gehört",
    after: "\
Tasten: Leertaste oder Esc ist Stopp, auf jedem Bildschirm; ? zeigt die anderen.

In einer Sitzung mit --hold-to-consent hält der Empfänger f oder j (die zwei Tasten mit Erhebung)
oder tippt mindestens alle 10 Sekunden t. Terminals, die das Loslassen einer Taste melden, sagen es
sofort (Windows Terminal, kitty, foot, Ghostty, WezTerm, Alacritty und andere); auf den anderen sagen
es die Wiederholungen der Taste: Eine andere Taste unterbricht, und f oder j ist sofort neu zu drücken.

Mit --json sind Eingabezeilen: stop, ready, slower, more_pressure, ease_up, stay, left, right, good,
check_in, ack, thumb down|up, confirm set_up yes|no, confirm warning_signs yes|no, renew, end, leave.
Endet die Eingabe, ist der Daumen gehoben.

Danach: sessions listet sie auf, show liest eine, export schreibt sie in eine Datei, verify prüft eine
solche Datei, note fügt hinzu, delete löscht sie für beide. Mit --json gibt jeder Befehl ein Objekt
aus; show das JSON des Protokolls, und delete braucht --yes.

Dateien: die Plätze dieses Geräts in den letzten 100 Sitzungen, jeder mit dem, was ihn öffnet. Nur Sie
können sie lesen, im Ordner sessions des Zustandsverzeichnisses Ihres Systems oder von
TAPCUE_STATE_DIR. Ein Platz verschwindet, wenn seine Sitzung gelöscht wird.

Umgebung: TAPCUE_CA ist --ca, wo es nicht angegeben ist; spätere Befehle zu einer Sitzung nehmen die
Datei, mit der ihr Platz eingenommen wurde. TAPCUE_RELAY ist der Server von host, join und resume, wo
--relay keinen nennt. Die anderen fragen den Server der Sitzung oder den, den --relay nennt.

Exit-Codes:
  0  die Sitzung ist beendet, oder Sie haben sie verlassen; der Befehl tat, was er sagt; verify:
     versiegelt und heil
  1  der Server war nicht erreichbar, oder etwas Unerwartetes geschah; verify, show und export einer
     Datei: Sie ist gebrochen, und das Erste, was nicht stimmt, wird genannt
  2  die Befehlszeile war falsch oder nennt, was es nicht gibt; verify: Nichts wurde geprüft, weil
     die Datei oder der Server nicht zu lesen war
  3  der Server hat abgelehnt: Code unbekannt, Sitzung vergeben, ein Platz, der nichts öffnet, nicht
     jetzt
  4  ein anderes Gerät hat diese Rolle übernommen
  5  verify: bis hierher heil, aber nicht versiegelt: Niemand hat unterschrieben, wie weit es reicht
  6  die Sitzung wurde gelöscht; von wem, wird gesagt",
};
