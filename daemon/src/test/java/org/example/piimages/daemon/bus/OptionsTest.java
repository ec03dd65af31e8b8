package org.example.piimages.daemon.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.example.piimages.contract.Failure;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class OptionsTest {

    private static void assertRefused(String expected, Executable action) {
        Failure failure = assertThrows(Failure.class, action);
        assertEquals(Failure.Kind.INVALID_ARGUMENT, failure.kind());
        assertTrue(failure.getMessage().contains(expected), failure.getMessage());
        assertTrue(failure.getMessage().chars().noneMatch(Character::isISOControl), failure.getMessage());
    }

    @Test
    void optionsOfTheRightTypesAreTaken() {
        Map<String, Variant<?>> given = new HashMap<>();
        given.put("b", new Variant<>(true));
        given.put("s", new Variant<>("text"));
        given.put("as", new Variant<>(new String[] {"x", "y"}, "as"));
        given.put("h", new Variant<>(new FileDescriptor(99)));
        Options options = new Options(given);
        assertTrue(options.flag("b"));
        assertEquals("text", options.string("s"));
        assertEquals(List.of("x", "y"), options.strings("as"));
        assertEquals(99, options.fd("h").release());
        options.requireNoOthers();
    }

    @Test
    void absentOptionsHaveTheirDefaults() {
        Options options = new Options(Map.of());
        assertFalse(options.flag("b"));
        assertEquals("", options.string("s"));
        assertEquals(List.of(), options.strings("as"));
        assertNull(options.fd("h"));
        options.requireNoOthers();
    }

    @Test
    void unknownOptionIsRefusedByAPrintableName() {
        assertRefused("\"no\\u{a}such\"", () -> new Options(Map.of("no\nsuch", new Variant<>(true))).requireNoOthers());
    }

    @Test
    void optionOfTheWrongTypeIsRefused() {
        assertRefused("of type s, not b", () -> new Options(Map.of("b", new Variant<>("true"))).flag("b"));
        assertRefused("of type b, not s", () -> new Options(Map.of("s", new Variant<>(true))).string("s"));
        assertRefused("of type s, not as", () -> new Options(Map.of("as", new Variant<>("x"))).strings("as"));
        assertRefused("of type i, not h", () -> new Options(Map.of("h", new Variant<>(5))).fd("h"));
    }

    @Test
    void zeroByteIsRefusedWhereverItIs() {
        assertRefused("NUL", () -> new Options(Map.of("s", new Variant<>("a\0b"))).string("s"));
        assertRefused("NUL", () -> new Options(Map.of("as", new Variant<>(new String[] {"a", "\0"}, "as"))).strings("as"));
    }

    @Test
    void moreOptionsThanThereAreIsTooMany() {
        Map<String, Variant<?>> many = IntStream.range(0, 65).boxed().collect(Collectors.toMap(i -> "o" + i, i -> new Variant<>(true)));
        assertRefused("too many", () -> new Options(many));
        assertRefused("too many", () -> new Options(Map.of("as", new Variant<>(new String[5000], "as"))).strings("as"));
    }
}
