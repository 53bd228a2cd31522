//! What `--help` says, in Simplified Chinese.

use super::Help;

/// The words.
pub(super) const HELP: Help = Help {
    about: "双方都说准备好了才开始；谁都可以喊停；没有回应就停。",
    usage: "用法：",
    commands: "命令",
    arguments: "参数",
    options: "选项",
    default: " [默认：{value}]",
    values: " [可选值：{values}]",
    unknown: "这里没有 {what}。",
    similar: "相近的有：{what}",
    no_value: "{what} 需要一个值。",
    bad_value: "“{value}”不适用于 {what}。",
    takes_none: "{what} 不带值。",
    twice: "{what} 多余，或与其余部分不符。",
    missing: "缺少：{what}",
    not_read: "无法读懂这行命令。",
    more: "更多说明：{what}",
    print_help: "显示此帮助",
    print_version: "显示版本",
    host: "开启会话，并显示另一设备如何加入",
    join: "用代码或链接加入会话",
    resume: "回到上一次会话，在崩溃或终端关闭之后",
    sessions: "列出本设备记住的会话，最新的在前",
    show: "查看会话：数字、时间线、每个提示及其结果",
    export: "将会话写入文件",
    verify: "核查导出的文件是否完整、有序、未改动且已签署",
    delete: "立即为双方永久删除会话",
    note: "给已结束的会话添加备注：除非共享，否则是私人的",
    relay: "服务器的地址 [默认：链接或会话的地址，否则此网络中唯一的服务器，否则 http://localhost:8080]",
    ca: "在 https 地址上相信谁是服务器：其 PEM 或 DER 格式的颁发机构，不信其他 [默认：此系统所信任的]",
    json: "使用 JSON：会话中每次变化输出一行，命令作为输入行；其他命令输出一个对象",
    lang: "使用的语言，也用于显示或导出的内容 [默认：LC_ALL、LC_MESSAGES 或 LANG 的语言]",
    role: "您的身份",
    name: "如何称呼您",
    no_rehearsal: "不演练停就进行（记录中会注明）",
    no_setup: "不过准备清单就进行（记录中会注明）",
    check_in: "这么多秒没有动静时询问“这样可以吗？”；0 表示不问",
    hold_to_consent: "只有接受者按住时才进行：拇指按在手机屏幕上，或在这里按住一个键。松开就是停",
    keep: "结束后为双方保留记录多久：天数，如 7d，或 none",
    invitation: "另一设备上的代码（K7M-2QX4R）或链接",
    resume_role: "要回到的身份，如果两者都在本机上",
    check: "询问每次会话的服务器是否仍保留着它",
    what: "会话：列表中的编号、标识或标识的开头；或导出的 JSON 文件 [默认：最新的会话]",
    session: "会话：列表中的编号、标识或标识的开头",
    past_role: "您在其中的身份，如果两者都在本机上",
    format: "写什么。只有 JSON 可以核查",
    output: "写到哪里；- 是标准输出 [默认：此文件夹中的 tapcue-ID.FORMAT]",
    force: "覆盖已有的文件",
    file: "JSON 文件；- 是标准输入",
    key: "唯一可以签署它的密钥，64 位十六进制数字；或用 --relay 指定服务器，取它的密钥",
    yes: "不询问",
    only_here: "只在本设备上忘记它：服务器会保留它，而本设备再也无法访问它",
    text: "要记的内容；有 --about 时可省略，只标记该条",
    shared: "让对方也能读到",
    about_entry: "它所针对的条目编号",
    after: "\
按键：在所有画面上，空格键或 Esc 就是停；? 显示其他按键。

使用 --hold-to-consent 的会话中，接受者按住 f 或 j（有凸点的两个键），
或至少每 10 秒点一次 t。能报告松键的终端会立即得知松开（Windows Terminal、
kitty、foot、Ghostty、WezTerm、Alacritty 等）；其他终端靠按键的重复得知：
按别的键会中断，必须马上重新按 f 或 j。

使用 --json 时，输入行有：stop, ready, slower, more_pressure, ease_up, stay, left,
right, good, check_in, ack, thumb down|up, confirm set_up yes|no,
confirm warning_signs yes|no, renew, end, leave。输入结束时，拇指即为抬起。

之后：sessions 列出会话，show 查看，export 写入文件，verify 核查这样的文件，
note 添加备注，delete 为双方删除。使用 --json 时各输出一个对象；show 输出记录的
JSON，delete 需要 --yes。

文件：本设备在最近 100 次会话中的位置，各带有打开它的凭证。只有您能读取，
位于系统状态目录或 TAPCUE_STATE_DIR 的 sessions 文件夹中。会话删除时其位置也消失。

环境：没有给出 --ca 时用 TAPCUE_CA；之后针对某次会话的命令使用取得其位置时的文件。
--relay 没有指定时，host、join 和 resume 的服务器是 TAPCUE_RELAY。其他命令询问会话
所在的服务器，或 --relay 指定的服务器。

退出码：
  0  会话已结束，或您离开了；命令做到了它所说的；verify：已封存且无误
  1  连不上服务器，或发生了意外；对文件 verify、show 和 export：文件已损坏，
     并说明第一处错误
  2  命令行有误，或指定了不存在的东西；verify：什么都没有核查，因为无法读取文件或服务器
  3  服务器拒绝：代码未知、会话已满、位置已失效、不是现在
  4  另一设备接管了此身份
  5  verify：到目前为止无误，但未封存：没有人签署到哪里为止
  6  会话已删除；会说明由谁删除",
};
