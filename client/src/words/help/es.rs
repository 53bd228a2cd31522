//! What `--help` says, in Spanish.

use super::Help;

/// The words.
pub(super) const HELP: Help = Help {
    about: "Ambos dicen listo; cualquiera puede parar; el silencio para.",
    usage: "Uso:",
    commands: "Comandos",
    arguments: "Argumentos",
    options: "Opciones",
    default: " [por defecto: {value}]",
    values: " [valores: {values}]",
    unknown: "{what} no existe aquí.",
    similar: "Parecido: {what}",
    no_value: "{what} necesita un valor.",
    bad_value: "«{value}» no sirve para {what}.",
    takes_none: "{what} no lleva valor.",
    twice: "{what} está de más o no va con el resto.",
    missing: "Falta: {what}",
    not_read: "Esta línea de órdenes no se puede leer.",
    more: "Más información: {what}",
    print_help: "Mostrar esta ayuda",
    print_version: "Mostrar la versión",
    host: "Abrir una sesión y mostrar cómo entra el otro dispositivo",
    join: "Unirse a una sesión con su código o su enlace",
    resume: "Volver a la última sesión, tras un fallo o una terminal cerrada",
    sessions: "Listar las sesiones que este dispositivo recuerda, la más reciente primero",
    show: "Leer una sesión: cifras, cronología, cada señal y qué fue de ella",
    export: "Escribir una sesión en un archivo",
    verify: "Comprobar que un archivo exportado está completo, en orden, sin cambios y firmado",
    delete: "Borrar una sesión para ambos, de inmediato y para siempre",
    note: "Añadir una nota a una sesión terminada: privada, salvo que se comparta",
    relay: "La dirección del servidor [por defecto: la del enlace o de la sesión; si no, el único servidor de esta red; si no, http://localhost:8080]",
    ca: "A quién creer que es el servidor en una dirección https: su autoridad en PEM o DER, y a nadie más [por defecto: en quien confía este sistema]",
    json: "Hablar JSON: en una sesión, una línea de salida por cada cambio y órdenes como líneas de entrada; los demás comandos, un objeto",
    lang: "El idioma en que hablar, y el de lo que se muestra o exporta [por defecto: el de LC_ALL, LC_MESSAGES o LANG]",
    role: "Su papel",
    name: "Cómo llamarle",
    no_rehearsal: "Ponerse en marcha sin ensayar un alto (el registro lo dice)",
    no_setup: "Ponerse en marcha sin las listas de preparación (el registro lo dice)",
    check_in: "Preguntar «¿está bien así?» tras estos segundos sin señales; 0 es nunca",
    hold_to_consent: "En marcha solo mientras quien recibe mantenga: el pulgar en la pantalla del teléfono, o una tecla aquí. Soltar es alto",
    keep: "Cuánto se conserva el registro tras el final, para ambos: días, como 7d, o none",
    invitation: "El código (K7M-2QX4R) o el enlace del otro dispositivo",
    resume_role: "El papel al que volver, si ambos estuvieron en este equipo",
    check: "Preguntar al servidor de cada una si aún se conserva",
    what: "La sesión, por su número en la lista, su identificador o el comienzo de este; o un archivo exportado en JSON [por defecto: la sesión más reciente]",
    session: "La sesión, por su número en la lista, su identificador o el comienzo de este",
    past_role: "Su papel en ella, si ambos estuvieron en este equipo",
    format: "Qué escribir. Solo JSON se puede comprobar",
    output: "Dónde escribirlo; - es la salida estándar [por defecto: tapcue-ID.FORMAT en esta carpeta]",
    force: "Sobrescribir un archivo que ya existe",
    file: "El archivo, en JSON; - es la entrada estándar",
    key: "La única clave que puede haberlo firmado, en 64 cifras hexadecimales; o indique un servidor con --relay, y es la suya",
    yes: "No preguntar",
    only_here: "Solo olvidarla en este dispositivo: el servidor la conserva, y este dispositivo nunca podrá volver a alcanzarla",
    text: "Qué anotar; con --about puede faltar, y entonces marca esa entrada",
    shared: "Permitir que la otra persona también la lea",
    about_entry: "El número de la entrada sobre la que es",
    after: "\
Teclas: espacio o Esc es alto, en todas las pantallas; ? muestra las demás.

En una sesión con --hold-to-consent quien recibe mantiene f o j (las dos teclas con relieve), o toca
t al menos cada 10 segundos. Las terminales que avisan al soltar una tecla lo dicen de inmediato
(Windows Terminal, kitty, foot, Ghostty, WezTerm, Alacritty y otras); en las demás lo dicen las
repeticiones de la tecla: otra tecla interrumpe, y hay que pulsar f o j otra vez enseguida.

Con --json, las líneas de entrada son: stop, ready, slower, more_pressure, ease_up, stay, left,
right, good, check_in, ack, thumb down|up, confirm set_up yes|no, confirm warning_signs yes|no,
renew, end, leave. Cuando la entrada acaba, el pulgar está levantado.

Después: sessions las lista, show lee una, export la escribe en un archivo, verify comprueba ese
archivo, note añade, delete la borra para ambos. Con --json cada uno escribe un objeto; show escribe
el JSON del registro, y delete necesita --yes.

Archivos: los lugares de este dispositivo en las últimas 100 sesiones, cada uno con lo que lo abre.
Solo usted puede leerlos, en la carpeta sessions del directorio de estado de su sistema o de
TAPCUE_STATE_DIR. Un lugar desaparece cuando se borra su sesión.

Entorno: TAPCUE_CA es --ca donde no se da; los comandos posteriores de una sesión toman el archivo
con el que se tomó su lugar. TAPCUE_RELAY es el servidor de host, join y resume donde --relay no
nombra ninguno. Los demás preguntan al servidor de la sesión, o al que nombra --relay.

Códigos de salida:
  0  la sesión terminó, o usted salió; el comando hizo lo que dice; verify: sellado y correcto
  1  no se alcanzó el servidor, o pasó algo inesperado; verify, show y export de un archivo: está
     roto, y se dice lo primero que está mal
  2  la línea de comandos estaba mal, o nombra lo que no existe; verify: no se comprobó nada, porque
     no se pudo leer el archivo o el servidor
  3  el servidor rechazó: código desconocido, sesión ocupada, un lugar que ya no abre nada, no ahora
  4  otro dispositivo tomó este papel
  5  verify: correcto hasta aquí, pero sin sellar: nadie ha firmado hasta dónde llega
  6  la sesión se borró; se dice quién",
};
