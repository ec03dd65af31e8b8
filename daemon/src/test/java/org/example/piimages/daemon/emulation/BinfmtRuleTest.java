package org.example.piimages.daemon.emulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class BinfmtRuleTest {

    /** Debian 12, /usr/lib/binfmt.d/qemu-arm.conf */
    static final String QEMU_ARM = ":qemu-arm:M::\\x7f\\x45\\x4c\\x46\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00"
            + "\\x28\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff"
            + ":/usr/libexec/qemu-binfmt/arm-binfmt-P:OPF";
    /** Debian 12, /usr/lib/binfmt.d/qemu-aarch64.conf */
    static final String QEMU_AARCH64 = ":qemu-aarch64:M::\\x7f\\x45\\x4c\\x46\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
            + "\\x02\\x00\\xb7\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff"
            + ":/usr/libexec/qemu-binfmt/aarch64-binfmt-P:OPF";
    private static final Set<BinfmtFlag> FIXED = Set.of(BinfmtFlag.FIX_BINARY);

    private static BinfmtRule parse(String line) {
        return BinfmtRule.parse(line).orElseThrow();
    }

    @Test
    void rulesOfDebianAreRead() {
        BinfmtRule rule = parse(QEMU_ARM);
        assertEquals("qemu-arm", rule.name());
        assertEquals("/usr/libexec/qemu-binfmt/arm-binfmt-P", rule.interpreter());
        assertEquals(Set.of(BinfmtFlag.PRESERVE_ARGUMENT, BinfmtFlag.OPEN_BINARY, BinfmtFlag.FIX_BINARY), rule.flags());
        assertTrue(rule.matches(new ElfBuilder(Architecture.ARM).bytes()));
        assertFalse(rule.matches(new ElfBuilder(Architecture.AARCH64).bytes()));
        assertTrue(parse(QEMU_AARCH64).matches(new ElfBuilder(Architecture.AARCH64).bytes()));
    }

    @Test
    void ownPatternsEqualDebians() {
        assertEquals(parse(QEMU_ARM).pattern(), BinfmtRule.of("x", Architecture.ARM, "/x", FIXED).pattern());
        assertEquals(parse(QEMU_AARCH64).pattern(), BinfmtRule.of("x", Architecture.AARCH64, "/x", FIXED).pattern());
    }

    @Test
    void bigEndianPatternHasSwappedFields() {
        BinfmtRule rule = BinfmtRule.of("x", Architecture.S390X, "/x", FIXED);
        assertTrue(rule.matches(new ElfBuilder(Architecture.S390X).shortAt(16, 3).bytes()));
        assertFalse(rule.matches(new ElfBuilder(Architecture.S390X).shortAt(16, 0x102).bytes()));
    }

    @Test
    void plainCharactersAndOtherDelimitersAreRead() {
        assertEquals(parse(":a:M:1:A\\x42:\\xff\\x0f:/i:"), parse(",a,M,1,AB,\\xff\\x0f,/i,"));
        // The digits of an escape are kept together even if one of them is the delimiter.
        assertEquals(parse(":nam:M::\\x44:/:/i:").pattern(), parse("4nam4M44\\x444/4/i4").pattern());
    }

    @Test
    void ruleByExtensionIsRead() {
        BinfmtRule rule = parse(":wine:E::exe::/usr/bin/wine:");
        assertEquals(Optional.of("exe"), rule.extension());
        assertTrue(rule.pattern().isEmpty());
        assertFalse(rule.matches(new byte[256]));
        assertEquals(":wine:E::exe::/usr/bin/wine:", rule.registrationLine());
    }

    @Test
    void rulesWithoutMaskOrFlagsAreRead() {
        BinfmtRule llvm = parse(":llvm-14-runtime.binfmt:M::BC::/usr/bin/lli-14:");
        assertTrue(llvm.matches(new byte[] {'B', 'C'}));
        assertEquals(Set.of(), llvm.flags());
        assertTrue(parse(":python3.11:M::\\xa7\\x0d\\x0d\\x0a::/usr/bin/python3.11:").pattern().isPresent());
    }

    @Test
    void credentialsImplyOpenBinary() {
        assertEquals(Set.of(BinfmtFlag.CREDENTIALS, BinfmtFlag.OPEN_BINARY), parse(":a:M::A::/interpreter:C").flags());
    }

    @Test
    void rejectsWhatKernelRejects() {
        for (String line : new String[] {"", "   ", "# :a:M::A::/i:", "; x", ":", ":::::::", ":a:M::A::/i", ":a:X::A::/interp:",
            ":a:M:::A:/interp:", ":a:M::A:AB:/interp:", ":a:M:-1:A::/interp:", ":a:M:x:A::/interp:",
            ":a:M:256:A::/interp:", ":a:M:99999999999:A::/interp:",
            ":a/b:M::A::/interp:", ":..:M::A::/interp:", "::M::A::/interp:", ":a:M::\\xg0::/interp:", ":a:M::\\x1", ":a:M::A:::",
            ":a:M::A::/interp:Z", ":a:M::A::/interp:F:", ":a:E::a/b::/interp:", ":a:E:::: /interp:",
            ":a:M::" + "A".repeat(300) + "::/interp:", ":a:M::A::/" + "i".repeat(2000) + ":"}) {
            assertTrue(BinfmtRule.parse(line).isEmpty(), line);
        }
    }

    @Test
    void parsesOwnRegistrationLine() {
        BinfmtRule rule = BinfmtRule.of("piimages-arm", Architecture.ARM, "/usr/bin/qemu-arm-static", FIXED);
        String line = rule.registrationLine();
        assertEquals(":piimages-arm:M:0:\\x7f\\x45\\x4c\\x46\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00"
                + "\\x28\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff"
                + ":/usr/bin/qemu-arm-static:F", line);
        assertEquals(rule, parse(line));
        assertTrue(parse(QEMU_ARM).registrationLine().endsWith(":POF"));
    }

    @Test
    void delimiterOccursInNoField() {
        BinfmtRule rule = BinfmtRule.of("a", Architecture.ARM, "/opt/a:b|c/qemu", FIXED);
        assertTrue(rule.registrationLine().startsWith(",a,M,0,"));
        assertEquals(rule, parse(rule.registrationLine()));
    }

    @Test
    void refusesUnregistrableLine() {
        assertUnregistrable("a/b", "/x");
        assertUnregistrable("..", "/x");
        assertUnregistrable("", "/x");
        assertUnregistrable("a:b", "/x");
        assertUnregistrable("a", "x");
        assertUnregistrable("a", "/x\n:evil");
        assertUnregistrable("a", "/" + "x".repeat(1900));
        assertUnregistrable("a", "/:|,;!%+=");
    }

    private static void assertUnregistrable(String name, String interpreter) {
        BinfmtRule rule = BinfmtRule.of(name, Architecture.ARM, interpreter, FIXED);
        Failure failure = assertThrows(Failure.class, rule::registrationLine);
        assertEquals(Failure.Kind.INVALID_ARGUMENT, failure.kind());
    }

    @Test
    void flippedLinesAreHarmless() {
        Random random = new Random(32);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder line = new StringBuilder(QEMU_ARM);
            for (int flips = random.nextInt(5); flips >= 0; flips--) {
                line.setCharAt(random.nextInt(line.length()), (char) random.nextInt(256));
            }
            line.setLength(random.nextInt(4) == 0 ? random.nextInt(line.length()) : line.length());
            BinfmtRule.parse(line.toString()).ifPresent(rule -> rule.matches(new byte[20]));
        }
    }
}
