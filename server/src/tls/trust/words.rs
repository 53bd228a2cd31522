//! What the page about trust says, in each language. A string that lacks in one does not compile.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// One language. The names of settings are those that the systems use in it.
#[derive(Debug)]
pub(super) struct Words {
    /// Its BCP 47 tag.
    pub(super) lang: &'static str,
    pub(super) dir: &'static str,
    pub(super) title: &'static str,
    pub(super) once: &'static str,
    pub(super) trusted: &'static str,
    pub(super) opens: &'static str,
    pub(super) not_yet: &'static str,
    pub(super) go_on: &'static str,
    pub(super) right_title: &'static str,
    pub(super) right: &'static str,
    pub(super) means_title: &'static str,
    pub(super) means: &'static str,
    pub(super) open_secure: &'static str,
    pub(super) stay_plain: &'static str,
    pub(super) keep_file: &'static str,
    pub(super) get_certificate: &'static str,
    pub(super) apple: &'static str,
    pub(super) allow: &'static str,
    pub(super) get_profile: &'static str,
    pub(super) apple_steps: [&'static str; 3],
    pub(super) apple_hint: &'static str,
    pub(super) android_steps: [&'static str; 3],
    pub(super) android_hint: &'static str,
    pub(super) computers: &'static str,
    pub(super) computer_steps: [&'static str; 3],
    pub(super) terminal: &'static str,
}

/// All of them, the one of the source first.
static ALL: [&Words; 6] = [&EN, &ES, &FR, &DE, &ZH, &AR];

impl Words {
    /// In the language that a browser asks for first of those there are, else in English. Browsers
    /// name them in the order of preference; weights that say otherwise are not read.
    pub(super) fn asked_for(headers: &HeaderMap) -> &'static Self {
        let asked = headers.get_all(ACCEPT_LANGUAGE).iter();
        let asked = asked.filter_map(|value| value.to_str().ok());
        asked
            .flat_map(|value| value.split(','))
            .filter_map(|range| range.trim().split(['-', ';']).next())
            .find_map(|wanted| {
                let mut all = ALL.into_iter();
                all.find(|words| words.lang.split('-').next() == Some(&wanted.to_ascii_lowercase()))
            })
            .unwrap_or(&EN)
    }
}

static EN: Words = Words {
    lang: "en",
    dir: "ltr",
    title: "Trust this relay",
    once: "Once is enough for each phone. Then the link is encrypted, and the screen stays on by itself.",
    trusted: "This device trusts the relay. There is nothing more to do.",
    opens: "This device trusts the relay. The secure page opens.",
    not_yet: "Not trusted yet. Follow the steps; this page notices by itself.",
    go_on: "Go on",
    right_title: "Is it the right one?",
    right: "The relay has printed this number where it was started. Your phone shows the number of what you install as “SHA-256”. All three must be the same. If not, install nothing.",
    means_title: "What you agree to",
    means: "Your phone will believe what this relay says about private addresses and local names. It is not good for any site of the internet. The relay’s owner keeps its key: trust it only if you trust them.",
    open_secure: "Open the secure page",
    stay_plain: "Go on without it, by plain http",
    keep_file: "Keep the file:",
    get_certificate: "Get the certificate",
    apple: "iPhone and iPad",
    allow: "In Safari, and allow the download:",
    get_profile: "Get the profile",
    apple_steps: [
        "Open Settings. Tap “Profile Downloaded” near the top, then “Install”.",
        "In Settings, go to General, About, “Certificate Trust Settings” at the very end. Switch on “Tapcue”.",
        "Come back to this page.",
    ],
    apple_hint: "It says “Not Signed”: nobody outside vouches for it, so compare the number below. To take it back: Settings, General, VPN & Device Management, the Tapcue profile, “Remove”.",
    android_steps: [
        "Open Settings and search for “CA certificate”. It is under Security, Encryption & credentials, “Install a certificate”.",
        "Tap “Install anyway” and choose the file tapcue-ca.crt.",
        "Come back to this page in Chrome.",
    ],
    android_hint: "Android then says that the network may be monitored. That is its warning about every certificate added by hand. To take it back: “User credentials” in the same place. Firefox on Android has a list of its own and does not follow.",
    computers: "Computers",
    computer_steps: [
        "macOS: open it in Keychain Access, and set it to “Always Trust”.",
        "Windows: open it, “Install Certificate”, into “Trusted Root Certification Authorities”.",
        "Linux and Firefox: in the browser’s settings, Certificates, Authorities, “Import”.",
    ],
    terminal: "In a terminal:",
};

static ES: Words = Words {
    lang: "es",
    dir: "ltr",
    title: "Confiar en este servidor",
    once: "Basta una vez por teléfono. Después la conexión va cifrada y la pantalla sigue encendida sola.",
    trusted: "Este dispositivo confía en el servidor. No hay nada más que hacer.",
    opens: "Este dispositivo confía en el servidor. Se abre la página segura.",
    not_yet: "Aún no hay confianza. Siga los pasos; esta página lo nota sola.",
    go_on: "Continuar",
    right_title: "¿Es el correcto?",
    right: "El servidor mostró este número donde se inició. Su teléfono muestra el número de lo que instala como “SHA-256”. Los tres deben ser iguales. Si no, no instale nada.",
    means_title: "Lo que acepta",
    means: "Su teléfono creerá lo que este servidor diga sobre direcciones privadas y nombres locales. No vale para ningún sitio de internet. La clave la guarda quien lleva el servidor: confíe solo si confía en esa persona.",
    open_secure: "Abrir la página segura",
    stay_plain: "Seguir sin ello, por http simple",
    keep_file: "Guarde el archivo:",
    get_certificate: "Obtener el certificado",
    apple: "iPhone y iPad",
    allow: "En Safari, y permita la descarga:",
    get_profile: "Obtener el perfil",
    apple_steps: [
        "Abra Ajustes. Toque “Perfil descargado” cerca del principio y luego “Instalar”.",
        "En Ajustes vaya a General, Información, “Ajustes de confianza de los certificados”, al final. Active “Tapcue”.",
        "Vuelva a esta página.",
    ],
    apple_hint: "Dice “No firmado”: nadie de fuera responde por él, así que compare el número de abajo. Para quitarlo: Ajustes, General, VPN y gestión de dispositivos, el perfil de Tapcue, “Eliminar”.",
    android_steps: [
        "Abra Ajustes y busque “Certificado de CA”. Está en Seguridad, Cifrado y credenciales, “Instalar un certificado”.",
        "Toque “Instalar de todos modos” y elija el archivo tapcue-ca.crt.",
        "Vuelva a esta página en Chrome.",
    ],
    android_hint: "Android dirá entonces que la red puede estar supervisada. Es su aviso para todo certificado añadido a mano. Para quitarlo: “Credenciales de usuario” en el mismo lugar. Firefox en Android tiene su propia lista y no lo sigue.",
    computers: "Ordenadores",
    computer_steps: [
        "macOS: ábralo en Acceso a Llaveros y elija “Confiar siempre”.",
        "Windows: ábralo, “Instalar certificado”, en “Entidades de certificación raíz de confianza”.",
        "Linux y Firefox: en los ajustes del navegador, Certificados, Autoridades, “Importar”.",
    ],
    terminal: "En un terminal:",
};

static FR: Words = Words {
    lang: "fr",
    dir: "ltr",
    title: "Faire confiance à ce serveur",
    once: "Une fois suffit pour chaque téléphone. Ensuite la liaison est chiffrée et l’écran reste allumé de lui-même.",
    trusted: "Cet appareil fait confiance au serveur. Il n’y a plus rien à faire.",
    opens: "Cet appareil fait confiance au serveur. La page sécurisée s’ouvre.",
    not_yet: "Pas encore de confiance. Suivez les étapes ; cette page le remarque d’elle-même.",
    go_on: "Continuer",
    right_title: "Est-ce le bon ?",
    right: "Le serveur a affiché ce numéro là où il a été lancé. Votre téléphone affiche le numéro de ce que vous installez sous « SHA-256 ». Les trois doivent être identiques. Sinon, n’installez rien.",
    means_title: "Ce que vous acceptez",
    means: "Votre téléphone croira ce que ce serveur dit des adresses privées et des noms locaux. Cela ne vaut pour aucun site d’internet. Le propriétaire du serveur garde sa clé : ne faites confiance que si vous lui faites confiance.",
    open_secure: "Ouvrir la page sécurisée",
    stay_plain: "Continuer sans, en http simple",
    keep_file: "Gardez le fichier :",
    get_certificate: "Obtenir le certificat",
    apple: "iPhone et iPad",
    allow: "Dans Safari, et autorisez le téléchargement :",
    get_profile: "Obtenir le profil",
    apple_steps: [
        "Ouvrez Réglages. Touchez « Profil téléchargé » en haut, puis « Installer ».",
        "Dans Réglages, allez à Général, Informations, « Réglages des certificats », tout en bas. Activez « Tapcue ».",
        "Revenez à cette page.",
    ],
    apple_hint: "Il est écrit « Non signé » : personne d’extérieur ne s’en porte garant, comparez donc le numéro ci-dessous. Pour l’enlever : Réglages, Général, VPN et gestion de l’appareil, le profil Tapcue, « Supprimer ».",
    android_steps: [
        "Ouvrez Paramètres et cherchez « Certificat CA ». Il est dans Sécurité, Chiffrement et identifiants, « Installer un certificat ».",
        "Touchez « Installer quand même » et choisissez le fichier tapcue-ca.crt.",
        "Revenez à cette page dans Chrome.",
    ],
    android_hint: "Android dit ensuite que le réseau est peut-être surveillé. C’est son avertissement pour tout certificat ajouté à la main. Pour l’enlever : « Identifiants de l’utilisateur » au même endroit. Firefox sur Android a sa propre liste et ne suit pas.",
    computers: "Ordinateurs",
    computer_steps: [
        "macOS : ouvrez-le dans Trousseaux d’accès et réglez-le sur « Toujours approuver ».",
        "Windows : ouvrez-le, « Installer un certificat », dans « Autorités de certification racines de confiance ».",
        "Linux et Firefox : dans les réglages du navigateur, Certificats, Autorités, « Importer ».",
    ],
    terminal: "Dans un terminal :",
};

static DE: Words = Words {
    lang: "de",
    dir: "ltr",
    title: "Diesem Server vertrauen",
    once: "Einmal genügt für jedes Handy. Danach ist die Verbindung verschlüsselt, und der Bildschirm bleibt von selbst an.",
    trusted: "Dieses Gerät vertraut dem Server. Mehr ist nicht zu tun.",
    opens: "Dieses Gerät vertraut dem Server. Die sichere Seite öffnet sich.",
    not_yet: "Noch kein Vertrauen. Folgen Sie den Schritten; diese Seite merkt es von selbst.",
    go_on: "Weiter",
    right_title: "Ist es der richtige?",
    right: "Der Server hat diese Zahl dort angezeigt, wo er gestartet wurde. Ihr Handy zeigt die Zahl dessen, was Sie installieren, als „SHA-256“. Alle drei müssen gleich sein. Sonst installieren Sie nichts.",
    means_title: "Wozu Sie ja sagen",
    means: "Ihr Handy glaubt dann, was dieser Server über private Adressen und lokale Namen sagt. Für Seiten im Internet gilt es nicht. Den Schlüssel hat, wem der Server gehört: Vertrauen Sie ihm nur, wenn Sie dieser Person vertrauen.",
    open_secure: "Die sichere Seite öffnen",
    stay_plain: "Ohne das weiter, mit einfachem http",
    keep_file: "Die Datei behalten:",
    get_certificate: "Das Zertifikat holen",
    apple: "iPhone und iPad",
    allow: "In Safari, und den Download erlauben:",
    get_profile: "Das Profil holen",
    apple_steps: [
        "Öffnen Sie die Einstellungen. Tippen Sie oben auf „Profil geladen“, dann auf „Installieren“.",
        "In den Einstellungen: Allgemein, Info, ganz unten „Zertifikatsvertrauenseinstellungen“. Schalten Sie „Tapcue“ ein.",
        "Kommen Sie auf diese Seite zurück.",
    ],
    apple_hint: "Es heißt „Nicht signiert“: Niemand von außen bürgt dafür, also vergleichen Sie die Zahl unten. Zurücknehmen: Einstellungen, Allgemein, VPN und Geräteverwaltung, das Profil von Tapcue, „Entfernen“.",
    android_steps: [
        "Öffnen Sie die Einstellungen und suchen Sie „CA-Zertifikat“. Es ist unter Sicherheit, Verschlüsselung und Anmeldedaten, „Zertifikat installieren“.",
        "Tippen Sie auf „Trotzdem installieren“ und wählen Sie die Datei tapcue-ca.crt.",
        "Kommen Sie in Chrome auf diese Seite zurück.",
    ],
    android_hint: "Android sagt danach, das Netz werde vielleicht überwacht. So warnt es bei jedem von Hand hinzugefügten Zertifikat. Zurücknehmen: „Nutzeranmeldedaten“ am selben Ort. Firefox auf Android hat eine eigene Liste und folgt nicht.",
    computers: "Computer",
    computer_steps: [
        "macOS: in der Schlüsselbundverwaltung öffnen und auf „Immer vertrauen“ stellen.",
        "Windows: öffnen, „Zertifikat installieren“, in „Vertrauenswürdige Stammzertifizierungsstellen“.",
        "Linux und Firefox: in den Einstellungen des Browsers, Zertifikate, Zertifizierungsstellen, „Importieren“.",
    ],
    terminal: "Im Terminal:",
};

static ZH: Words = Words {
    lang: "zh-Hans",
    dir: "ltr",
    title: "信任这台服务器",
    once: "每部手机只需一次。之后连接会加密，屏幕也会自动保持常亮。",
    trusted: "本设备信任这台服务器，不需要再做什么。",
    opens: "本设备信任这台服务器，正在打开安全页面。",
    not_yet: "尚未信任。请按步骤操作；本页会自动察觉。",
    go_on: "继续",
    right_title: "是正确的那台吗？",
    right: "服务器启动时显示了这个号码。手机会把您要安装的内容的号码显示为“SHA-256”。三者必须相同。如果不同，请不要安装任何东西。",
    means_title: "您同意了什么",
    means: "您的手机会相信这台服务器关于私有地址和本地名称的说法，对互联网上的网站无效。密钥由服务器的主人保管：只有信任此人时才信任它。",
    open_secure: "打开安全页面",
    stay_plain: "不使用它，用普通 http 继续",
    keep_file: "保存文件：",
    get_certificate: "获取证书",
    apple: "iPhone 和 iPad",
    allow: "在 Safari 中允许下载：",
    get_profile: "获取描述文件",
    apple_steps: [
        "打开“设置”，点靠上方的“已下载描述文件”，再点“安装”。",
        "在“设置”中进入“通用”“关于本机”，最下面的“证书信任设置”，打开“Tapcue”。",
        "回到本页。",
    ],
    apple_hint: "会显示“未签名”：没有外部机构为它担保，所以请比较下面的号码。要收回：设置、通用、VPN 与设备管理、Tapcue 描述文件、“移除”。",
    android_steps: [
        "打开“设置”，搜索“CA 证书”。它在“安全”“加密与凭据”“安装证书”中。",
        "点“仍然安装”，选择文件 tapcue-ca.crt。",
        "在 Chrome 中回到本页。",
    ],
    android_hint: "之后 Android 会说网络可能受到监控。对每个手动添加的证书它都这样提醒。要收回：同一位置的“用户凭据”。Android 上的 Firefox 有自己的列表，不适用。",
    computers: "电脑",
    computer_steps: [
        "macOS：在“钥匙串访问”中打开，设为“始终信任”。",
        "Windows：打开它，“安装证书”，放入“受信任的根证书颁发机构”。",
        "Linux 和 Firefox：在浏览器设置的“证书”“证书颁发机构”中“导入”。",
    ],
    terminal: "在终端中：",
};

static AR: Words = Words {
    lang: "ar",
    dir: "rtl",
    title: "الثقة بهذا الخادم",
    once: "تكفي مرة واحدة لكل هاتف. بعدها يكون الاتصال مشفّرًا وتبقى الشاشة مضاءة من تلقاء نفسها.",
    trusted: "هذا الجهاز يثق بالخادم. لا شيء آخر تفعله.",
    opens: "هذا الجهاز يثق بالخادم. تُفتح الصفحة الآمنة.",
    not_yet: "لا ثقة بعد. اتبع الخطوات؛ هذه الصفحة تلاحظ ذلك بنفسها.",
    go_on: "متابعة",
    right_title: "هل هو الخادم الصحيح؟",
    right: "عرض الخادم هذا الرقم حيث بدأ تشغيله. يعرض هاتفك رقم ما تثبّته باسم “SHA-256”. يجب أن تكون الثلاثة متطابقة. وإلا فلا تثبّت شيئًا.",
    means_title: "ما الذي توافق عليه",
    means: "سيصدّق هاتفك ما يقوله هذا الخادم عن العناوين الخاصة والأسماء المحلية. لا يسري على أي موقع في الإنترنت. مفتاحه عند صاحب الخادم: لا تثق به إلا إن كنت تثق بصاحبه.",
    open_secure: "فتح الصفحة الآمنة",
    stay_plain: "المتابعة بدونه عبر http العادي",
    keep_file: "احفظ الملف:",
    get_certificate: "تنزيل الشهادة",
    apple: "iPhone و iPad",
    allow: "في Safari، واسمح بالتنزيل:",
    get_profile: "تنزيل ملف التعريف",
    apple_steps: [
        "افتح الإعدادات. المس “تم تنزيل ملف التعريف” قرب الأعلى، ثم “تثبيت”.",
        "في الإعدادات اذهب إلى عام، حول، ثم “إعدادات ثقة الشهادات” في النهاية. فعّل “Tapcue”.",
        "عُد إلى هذه الصفحة.",
    ],
    apple_hint: "يُكتب “غير موقّع”: لا أحد من الخارج يضمنه، فقارن الرقم أدناه. للتراجع: الإعدادات، عام، VPN وإدارة الجهاز، ملف تعريف Tapcue، “إزالة”.",
    android_steps: [
        "افتح الإعدادات وابحث عن “شهادة CA”. تجدها في الأمان، التشفير وبيانات الاعتماد، “تثبيت شهادة”.",
        "المس “التثبيت على أي حال” واختر الملف tapcue-ca.crt.",
        "عُد إلى هذه الصفحة في Chrome.",
    ],
    android_hint: "يقول Android بعدها إن الشبكة قد تكون مراقَبة. هذا تحذيره من كل شهادة تُضاف يدويًا. للتراجع: “بيانات اعتماد المستخدم” في المكان نفسه. لمتصفح Firefox على Android قائمته الخاصة ولا يتبع ذلك.",
    computers: "الحواسيب",
    computer_steps: [
        "macOS: افتحها في Keychain Access واضبطها على “الثقة دائمًا”.",
        "Windows: افتحها، “تثبيت الشهادة”، في “المراجع المصدقة الجذر الموثوق بها”.",
        "Linux و Firefox: في إعدادات المتصفح، الشهادات، الهيئات، “استيراد”.",
    ],
    terminal: "في الطرفية:",
};

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_is_answered_in_a_language_it_asks_for() {
        for (asked, lang) in [
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("pt-BR, ES;q=0.5", "es"),
            ("zh-CN", "zh-Hans"),
            ("ar", "ar"),
            ("fr;q=0.9", "fr"),
            ("ja", "en"),
            ("", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(asked).unwrap());
            assert_eq!(Words::asked_for(&headers).lang, lang, "{asked}");
        }
        assert_eq!(Words::asked_for(&HeaderMap::new()).lang, "en");
    }
}
