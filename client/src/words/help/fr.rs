//! What `--help` says, in French.

use super::Help;

/// The words.
pub(super) const HELP: Help = Help {
    about: "Les deux disent prêt\u{a0}; chacun peut dire stop\u{a0}; le silence arrête.",
    usage: "Usage\u{a0}:",
    commands: "Commandes",
    arguments: "Arguments",
    options: "Options",
    default: " [par défaut\u{a0}: {value}]",
    values: " [valeurs\u{a0}: {values}]",
    unknown: "{what} n’existe pas ici.",
    similar: "Semblable\u{a0}: {what}",
    no_value: "{what} demande une valeur.",
    bad_value: "«\u{a0}{value}\u{a0}» ne va pas pour {what}.",
    takes_none: "{what} ne prend pas de valeur.",
    twice: "{what} est de trop, ou ne va pas avec le reste.",
    missing: "Il manque\u{a0}: {what}",
    not_read: "Cette ligne de commande est illisible.",
    more: "Pour en savoir plus\u{a0}: {what}",
    print_help: "Afficher cette aide",
    print_version: "Afficher la version",
    host: "Ouvrir une séance et montrer comment l’autre appareil y entre",
    join: "Rejoindre une séance par son code ou son lien",
    resume: "Revenir à la dernière séance, après une panne ou un terminal fermé",
    sessions: "Lister les séances que cet appareil retient, la plus récente d’abord",
    show: "Lire une séance\u{a0}: chiffres, chronologie, chaque signal et ce qu’il est devenu",
    export: "Écrire une séance dans un fichier",
    verify: "Vérifier qu’un fichier exporté est complet, dans l’ordre, inchangé et signé",
    delete: "Supprimer une séance pour les deux, tout de suite et pour toujours",
    note: "Ajouter une note à une séance terminée\u{a0}: privée, sauf si elle est partagée",
    relay: "L’adresse du serveur [par défaut\u{a0}: celle du lien ou de la séance, sinon l’unique serveur de ce réseau, sinon http://localhost:8080]",
    ca: "Qui croire quand il se dit le serveur, à une adresse https\u{a0}: son autorité en PEM ou DER, et personne d’autre [par défaut\u{a0}: à qui ce système se fie]",
    json: "Parler JSON\u{a0}: dans une séance, une ligne de sortie à chaque changement, des ordres en lignes d’entrée\u{a0}; les autres commandes, un objet",
    lang: "La langue à parler, et celle de ce qui est montré ou exporté [par défaut\u{a0}: celle de LC_ALL, LC_MESSAGES ou LANG]",
    role: "Votre rôle",
    name: "Comment vous appeler",
    no_rehearsal: "Se mettre en cours sans stop essayé (le compte rendu le dit)",
    no_setup: "Se mettre en cours sans les listes de préparation (le compte rendu le dit)",
    check_in: "Demander «\u{a0}est-ce que ça va\u{a0}?\u{a0}» après tant de secondes sans signal\u{a0}; 0\u{a0}: jamais",
    hold_to_consent: "En cours seulement tant que le receveur tient\u{a0}: le pouce sur l’écran du téléphone, ou une touche ici. Lâcher, c’est stop",
    keep: "Combien de temps le compte rendu est conservé après la fin, pour les deux\u{a0}: des jours, comme 7d, ou none",
    invitation: "Le code (K7M-2QX4R) ou le lien de l’autre appareil",
    resume_role: "Le rôle à reprendre, si les deux étaient sur cet ordinateur",
    check: "Demander au serveur de chacune si elle est encore conservée",
    what: "La séance, par son numéro dans la liste, son identifiant ou le début de celui-ci\u{a0}; ou un fichier exporté en JSON [par défaut\u{a0}: la séance la plus récente]",
    session: "La séance, par son numéro dans la liste, son identifiant ou le début de celui-ci",
    past_role: "Votre rôle, si les deux étaient sur cet ordinateur",
    format: "Quoi écrire. Seul JSON peut être vérifié",
    output: "Où l’écrire\u{a0}; - est la sortie standard [par défaut\u{a0}: tapcue-ID.FORMAT dans ce dossier]",
    force: "Écraser un fichier qui existe",
    file: "Le fichier, en JSON\u{a0}; - est l’entrée standard",
    key: "La seule clé qui peut l’avoir signé, en 64 chiffres hexadécimaux\u{a0}; ou indiquez un serveur avec --relay, et c’est la sienne",
    yes: "Ne pas demander",
    only_here: "Seulement l’oublier sur cet appareil\u{a0}: le serveur la conserve, et cet appareil ne pourra plus jamais l’atteindre",
    text: "Quoi noter\u{a0}; avec --about on peut l’omettre, ce qui marque cette entrée",
    shared: "Laisser l’autre personne la lire aussi",
    about_entry: "Le numéro de l’entrée sur laquelle elle porte",
    after: "\
Touches\u{a0}: espace ou Échap, c’est stop, sur tous les écrans\u{a0}; ? montre les autres.

Dans une séance avec --hold-to-consent le receveur tient f ou j (les deux touches à relief), ou
touche t au moins toutes les 10 secondes. Les terminaux qui signalent le relâchement d’une touche le
disent tout de suite (Windows Terminal, kitty, foot, Ghostty, WezTerm, Alacritty et d’autres)\u{a0}; sur
les autres, ce sont les répétitions de la touche\u{a0}: une autre touche interrompt, et il faut appuyer de
nouveau sur f ou j tout de suite.

Avec --json, les lignes d’entrée sont\u{a0}: stop, ready, slower, more_pressure, ease_up, stay, left,
right, good, check_in, ack, thumb down|up, confirm set_up yes|no, confirm warning_signs yes|no,
renew, end, leave. Quand l’entrée se termine, le pouce est levé.

Après\u{a0}: sessions les liste, show en lit une, export l’écrit dans un fichier, verify vérifie ce
fichier, note y ajoute, delete la supprime pour les deux. Avec --json chacune écrit un objet\u{a0}; show
écrit le JSON du compte rendu, et delete demande --yes.

Fichiers\u{a0}: les places de cet appareil dans les 100 dernières séances, chacune avec ce qui l’ouvre.
Vous seul pouvez les lire, dans le dossier sessions du répertoire d’état de votre système ou de
TAPCUE_STATE_DIR. Une place disparaît quand sa séance est supprimée.

Environnement\u{a0}: TAPCUE_CA est --ca là où il n’est pas donné\u{a0}; les commandes suivantes d’une séance
prennent le fichier avec lequel sa place a été prise. TAPCUE_RELAY est le serveur de host, join et
resume là où --relay n’en nomme pas. Les autres interrogent le serveur de la séance, ou celui que
nomme --relay.

Codes de sortie\u{a0}:
  0  la séance est terminée, ou vous l’avez quittée\u{a0}; la commande a fait ce qu’elle dit\u{a0}; verify\u{a0}:
     scellé et sain
  1  le serveur n’était pas joignable, ou il s’est passé quelque chose d’imprévu\u{a0}; verify, show et
     export d’un fichier\u{a0}: il est rompu, et la première chose qui ne va pas est dite
  2  la ligne de commande était fausse, ou nomme ce qui n’existe pas\u{a0}; verify\u{a0}: rien n’a été vérifié,
     car le fichier ou le serveur n’a pas pu être lu
  3  le serveur a refusé\u{a0}: code inconnu, séance prise, une place qui n’ouvre plus rien, pas maintenant
  4  un autre appareil a pris ce rôle
  5  verify\u{a0}: sain jusqu’ici, mais pas scellé\u{a0}: personne n’a signé jusqu’où cela va
  6  la séance a été supprimée\u{a0}; il est dit par qui",
};
