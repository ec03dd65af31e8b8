package org.example.piimages.daemon.system;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;

/** Messages that no client means to send. */
final class HostileMessages {

    /** What becomes of a message. */
    enum Outcome {
        /** The daemon gets it and answers. */
        ANSWERED,
        /** The daemon may get it; there is nothing to answer. */
        SILENT,
        /** The bus may throw the sender out. */
        UP_TO_THE_BUS
    }

    /** A message, made when it is sent; {@code answer} is the error it is answered with, empty for none. */
    record Case(String name, Outcome outcome, String answer, Supplier<RawMessage> message) {
    }

    private static final String INVALID_ARGUMENT = Failure.Kind.INVALID_ARGUMENT.errorName();
    private static final String LIMITS_EXCEEDED = "org.freedesktop.DBus.Error.LimitsExceeded";
    private static final String SYSTEMD = "org.freedesktop.systemd1.Manager";

    private final List<Case> cases = new ArrayList<>();

    private HostileMessages() {
    }

    static List<Case> all() {
        HostileMessages all = new HostileMessages();
        all.descriptors();
        all.depths();
        all.bombs();
        all.sizes();
        all.values();
        all.headers();
        all.bytes();
        all.forgeries();
        return all.cases;
    }

    private void answered(String name, String error, Supplier<RawMessage> message) {
        cases.add(new Case(name, Outcome.ANSWERED, error, message));
    }

    private void silent(String name, Supplier<RawMessage> message) {
        cases.add(new Case(name, Outcome.SILENT, "", message));
    }

    private void bus(String name, Supplier<RawMessage> message) {
        cases.add(new Case(name, Outcome.UP_TO_THE_BUS, "", message));
    }

    private static RawMessage mountFd(int descriptors, long index) {
        return RawMessage.manager("MountImageFd").descriptors(descriptors).body("hsa{sv}", w -> w.u32(index).string("x").u32(0).align(8));
    }

    /** A MountImage whose options are one entry, named read-only, with this value. */
    private static RawMessage option(String type, Consumer<Wire> value) {
        return RawMessage.manager("MountImage").body("sa{sv}", body -> {
            Wire entry = new Wire().string("read-only").signature(type);
            value.accept(entry);
            body.string("/nowhere").u32(entry.size()).align(8).raw(entry.bytes());
        });
    }

    private void descriptors() {
        answered("descriptor of none", Names.INVALID_ARGS, () -> mountFd(0, 0));
        answered("descriptor of none for a method that is not there", Names.UNKNOWN_METHOD,
                () -> RawMessage.manager("Nothing").body("h", w -> w.u32(0)));
        answered("descriptor beyond those that came", Names.INVALID_ARGS, () -> mountFd(1, 7));
        answered("descriptor of an index that is negative to Java", Names.INVALID_ARGS, () -> mountFd(1, 0xffffffffL));
        answered("descriptor that is no file", Failure.Kind.INVALID_IMAGE.errorName(), () -> mountFd(1, 0));
        answered("descriptors that no argument names", "", () -> RawMessage.ping().descriptors(16));
        answered("descriptors to an object that is not there", Names.UNKNOWN_OBJECT,
                () -> RawMessage.call("/nowhere", Names.MANAGER, "ListImages").descriptors(3));
        answered("descriptors with arguments of the wrong type", Names.INVALID_ARGS,
                () -> RawMessage.manager("ListImages").descriptors(3).body("i", w -> w.u32(1)));
        answered("descriptor beside an unknown option", INVALID_ARGUMENT, () -> RawMessage.manager("MountImageFd").descriptors(1)
                .body("hsa{sv}", w -> w.u32(0).string("x").u32(16).align(8).string("no").signature("b").u32(1)));
        answered("stream of no descriptor", Names.INVALID_ARGS, () -> RawMessage.manager("RunImage").body("sasa{sv}", w -> w.string("/x")
                .u32(9).string("true").align(4).u32(20).align(8).string("stdin").signature("h").u32(5)));
        silent("descriptors of a signal", () -> RawMessage.signal("/a", "a.b", "C").descriptors(5));
        bus("more descriptors announced than sent", () -> RawMessage.ping().number(RawMessage.UNIX_FDS, 3).descriptors(1));
        bus("descriptors that are not announced", () -> RawMessage.ping().number(RawMessage.UNIX_FDS, 0).descriptors(1));
        bus("more descriptors than a message may have", () -> RawMessage.ping().descriptors(200));
    }

    private void depths() {
        answered("variants in variants", INVALID_ARGUMENT, () -> option("v", w -> {
            for (int i = 0; i < 40; i++) {
                w.signature("v");
            }
            w.signature("b").u32(1);
        }));
        bus("variants deeper than the bus goes", () -> option("v", w -> {
            for (int i = 0; i < 500; i++) {
                w.signature("v");
            }
            w.signature("b").u32(1);
        }));
        answered("arrays of arrays", Names.INVALID_ARGS, () -> RawMessage.manager("ListImages").body("a".repeat(32) + "y", w -> w.u32(0)));
        answered("arrays of arrays in an option", INVALID_ARGUMENT, () -> option("a".repeat(32) + "y", w -> w.u32(0)));
        answered("structures in structures", INVALID_ARGUMENT,
                () -> option("(".repeat(32) + "y" + ")".repeat(32), w -> w.align(8).u8(1)));
        bus("structures deeper than the bus goes", () -> option("(".repeat(60) + "y" + ")".repeat(60), w -> w.align(8).u8(1)));
    }

    /** As many options as fit, each of a type that has more in it than anybody would decode. */
    private static RawMessage options(String name, String type, Consumer<Wire> value) {
        return RawMessage.manager("MountImage").body("sa{sv}", body -> {
            Wire entries = new Wire();
            while (entries.size() < 230_000) {
                value.accept(entries.align(8).string(name).signature(type));
            }
            body.string("/nowhere").u32(entries.size()).align(8).raw(entries.bytes());
        });
    }

    private void bombs() {
        String deep = "(".repeat(31) + "y" + ")".repeat(31);
        answered("array of deep structures in an unknown option", INVALID_ARGUMENT, () -> options("no-such", "a" + deep, w -> {
            int count = 29_500;
            w.u32(8L * count - 7).align(8);
            for (int i = 0; i < count; i++) {
                w.align(8).u8(1);
            }
        }));
        answered("arrays of deep structures in a known option", Names.INVALID_ARGS, () -> options("read-only", "a" + deep, w -> {
            w.u32(1).align(8).u8(1);
        }));
        answered("as many deep variants as fit", Names.INVALID_ARGS, () -> options("x", deep, w -> w.align(8).u8(1)));
        answered("array of bytes in an option", INVALID_ARGUMENT,
                () -> options("no-such", "ay", w -> w.u32(240_000).raw(new byte[240_000])));
        answered("array of variants in an option", INVALID_ARGUMENT, () -> options("no-such", "av", w -> {
            w.u32(4 * 58_000L);
            for (int i = 0; i < 58_000; i++) {
                w.signature("y").u8(0);
            }
        }));
        answered("more words than anybody's command", Names.INVALID_ARGS, () -> RawMessage.manager("RunImage").body("sasa{sv}", body -> {
            int count = 30_000;
            body.string("/x").align(4).u32(8L * count - 3);
            for (int i = 0; i < count; i++) {
                body.string("");
            }
            body.u32(0).align(8);
        }));
    }

    private void sizes() {
        answered("long path", Names.INVALID_ARGS, () -> path("/" + "x".repeat(1 << 20)));
        answered("path as long as arguments may be", INVALID_ARGUMENT, () -> path("/" + "x".repeat(100_000)));
        answered("message as long as the bus lets through", Names.INVALID_ARGS, () -> path("/" + "x".repeat(30 << 20)));
        silent("unknown header field longer than headers are kept, which a newer bus leaves out",
                () -> RawMessage.ping().text(200, "s", "x".repeat(17 << 10)));
        answered("path longer than headers are kept", LIMITS_EXCEEDED,
                () -> RawMessage.call("/" + "x".repeat(17 << 10), Names.MANAGER, "ListImages").descriptors(3));
        answered("big-endian path longer than headers are kept", LIMITS_EXCEEDED,
                () -> RawMessage.call("/" + "x".repeat(40 << 10), Names.MANAGER, "ListImages").endian('B'));
        silent("signal whose path is longer than headers are kept", () -> RawMessage.signal("/" + "x".repeat(17 << 10), "a.b", "C"));
        silent("header as long as the bus lets through", () -> RawMessage.ping().text(200, "s", "x".repeat(30 << 20)));
        answered("many options", INVALID_ARGUMENT, () -> RawMessage.manager("MountImage").body("sa{sv}", body -> {
            Wire entries = new Wire();
            for (int i = 0; i < 1000; i++) {
                entries.align(8).string("option-" + i).signature("b").u32(1);
            }
            body.string("/x").u32(entries.size()).align(8).raw(entries.bytes());
        }));
        answered("many arguments of a command", INVALID_ARGUMENT, () -> RawMessage.manager("RunImage").body("sasa{sv}", body -> {
            Wire command = new Wire();
            for (int i = 0; i < 10_000; i++) {
                command.string("x");
            }
            body.string("/x").u32(command.size()).raw(command.bytes()).u32(0).align(8);
        }));
    }

    private static RawMessage path(String path) {
        return RawMessage.manager("MountImage").body("sa{sv}", w -> w.string(path).u32(0).align(8));
    }

    private static RawMessage text(Consumer<Wire> value) {
        return RawMessage.manager("GetImage").body("s", value);
    }

    private void values() {
        answered("option of another type", INVALID_ARGUMENT, () -> option("d", w -> w.u64(Double.doubleToLongBits(Double.NaN))));
        answered("option that is a structure", INVALID_ARGUMENT, () -> option("(ss)", w -> w.align(8).string("a").string("b")));
        answered("same option twice", Failure.Kind.NOT_FOUND.errorName(), () -> RawMessage.manager("MountImage").body("sa{sv}", body -> {
            Wire entries = new Wire();
            for (int i = 0; i < 2; i++) {
                entries.align(8).string("read-only").signature("b").u32(i);
            }
            body.string("/nowhere").u32(entries.size()).align(8).raw(entries.bytes());
        }));
        bus("neither true nor false", () -> option("b", w -> w.u32(2)));
        bus("variant of no type", () -> option("", w -> {}));
        bus("variant of two types", () -> option("bb", w -> w.u32(1).u32(1)));
        bus("text that is no UTF-8", () -> text(w -> w.string(new byte[] {'/', (byte) 0xC0, (byte) 0x80})));
        bus("text that is a surrogate", () -> text(w -> w.string(new byte[] {'/', (byte) 0xED, (byte) 0xA0, (byte) 0x80})));
        bus("text with a zero in it", () -> text(w -> w.string("/a\0b")));
        bus("text without its end", () -> text(w -> w.u32(3).raw("/ab".getBytes(StandardCharsets.UTF_8))));
        bus("text longer than the message", () -> text(w -> w.u32(1000).u8('/').u8(0)));
        bus("array longer than the message", () -> RawMessage.manager("MountImage").body("sa{sv}", w -> w.string("/").u32(4096).align(8)));
        bus("array longer than arrays may be",
                () -> RawMessage.manager("MountImage").body("sa{sv}", w -> w.string("/").u32(0x4000001)));
        bus("path that is none", () -> RawMessage.manager("GetImage").body("o", w -> w.string("//a/")));
    }

    private void headers() {
        answered("unknown header field", "", () -> RawMessage.ping().text(200, "s", "what"));
        answered("unknown header field of depth", "", () -> RawMessage.ping().field(201, "v", w -> w.signature("v").signature("u").u32(1)));
        answered("all flags", "", () -> RawMessage.ping().flags(0xfe));
        answered("sender of the sender's choice", "", () -> RawMessage.ping().text(7, "s", "org.freedesktop.DBus"));
        answered("call that is an answer too, which the bus refuses", "org.freedesktop.DBus.Error.AccessDenied",
                () -> RawMessage.ping().number(RawMessage.REPLY_SERIAL, 3));
        answered("no interface", "", () -> RawMessage.ping().without(RawMessage.INTERFACE));
        answered("no interface and no such method", Names.UNKNOWN_METHOD,
                () -> RawMessage.manager("Nothing").without(RawMessage.INTERFACE));
        bus("no path", () -> RawMessage.ping().without(RawMessage.PATH));
        bus("no member", () -> RawMessage.ping().without(RawMessage.MEMBER));
        bus("path of the wrong type",
                () -> RawMessage.ping().without(RawMessage.PATH).text(RawMessage.PATH, "s", Names.MANAGER_PATH));
        bus("member that is no name", () -> RawMessage.ping().without(RawMessage.MEMBER).text(RawMessage.MEMBER, "s", "../Ping"));
        bus("interface that is no name", () -> RawMessage.ping().without(RawMessage.INTERFACE).text(RawMessage.INTERFACE, "s", "x"));
        bus("header field of number zero", () -> RawMessage.ping().number(0, 1));
        bus("same header field twice", () -> RawMessage.ping().text(RawMessage.MEMBER, "s", "GetMachineId"));
        bus("signature without a body", () -> RawMessage.ping().text(RawMessage.SIGNATURE, "g", "ss"));
        bus("body without a signature", () -> RawMessage.ping().body("", w -> w.u64(1)));
        bus("signature that is none", () -> RawMessage.ping().body("a{", w -> w.u32(0)));
    }

    private void bytes() {
        answered("big-endian", "", () -> RawMessage.ping().endian('B'));
        answered("big-endian arguments", Failure.Kind.NOT_FOUND.errorName(),
                () -> RawMessage.manager("GetImage").endian('B').body("s", w -> w.string("/nowhere")));
        bus("no endianness", () -> RawMessage.ping().endian('x'));
        bus("another protocol", () -> RawMessage.ping().version(2));
        bus("no serial", () -> RawMessage.ping().serial(0));
        bus("no type", () -> RawMessage.ping().type(0));
        silent("unknown type", () -> RawMessage.ping().type(5));
        silent("unknown type with descriptors", () -> RawMessage.ping().type(200).descriptors(2));
    }

    private void forgeries() {
        silent("answer to nothing", () -> RawMessage.ping().type(RawMessage.RETURN).number(RawMessage.REPLY_SERIAL, 1).descriptors(1));
        silent("error to nothing", () -> RawMessage.ping().type(RawMessage.ERROR).text(RawMessage.ERROR_NAME, "s", "a.b")
                .number(RawMessage.REPLY_SERIAL, 1));
        silent("systemd's signal from somebody else", () -> RawMessage.signal("/org/freedesktop/systemd1", SYSTEMD, "UnitRemoved")
                .body("so", w -> w.string("piimages-x.service").string("/x")));
        silent("systemd's signal with other values", () -> RawMessage.signal("/org/freedesktop/systemd1", SYSTEMD, "UnitRemoved")
                .body("u", w -> w.u32(1)));
        silent("systemd's signal without values", () -> RawMessage.signal("/org/freedesktop/systemd1", SYSTEMD, "UnitRemoved"));
        silent("the bus's signal from somebody else", () -> RawMessage.signal("/org/freedesktop/DBus", "org.freedesktop.DBus",
                "NameOwnerChanged").body("y", w -> w.u8(1)));
    }
}
