package org.example.piimages.daemon.bus.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.example.piimages.contract.Failure;
import org.example.piimages.dbus.UndecodedOptions;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class OptionsTest {

    private static Options options(Map<String, ? extends Variant<?>> given) {
        return new Options(UndecodedOptions.of(given));
    }

    private static void assertRefused(String expected, Executable action) {
        Failure failure = assertThrows(Failure.class, action);
        assertEquals(Failure.Kind.INVALID_ARGUMENT, failure.kind());
        assertTrue(failure.getMessage().contains(expected), failure.getMessage());
        assertTrue(failure.getMessage().chars().noneMatch(Character::isISOControl), failure.getMessage());
    }

    @Test
    void takesOptionsOfTheRightTypes() {
        Map<String, Variant<?>> given = new HashMap<>();
        given.put("b", new Variant<>(true));
        given.put("s", new Variant<>("text"));
        given.put("as", new Variant<>(new String[] {"x", "y"}, "as"));
        given.put("h", new Variant<>(new FileDescriptor(99)));
        Options options = options(given);
        assertTrue(options.flag("b"));
        assertEquals("text", options.string("s"));
        assertEquals(List.of("x", "y"), options.strings("as"));
        assertEquals(99, options.fd("h").release());
        options.requireNoOthers();
    }

    @Test
    void absentOptionsHaveTheirDefaults() {
        Options options = options(Map.of());
        assertFalse(options.flag("b"));
        assertEquals("", options.string("s"));
        assertEquals(List.of(), options.strings("as"));
        assertNull(options.fd("h"));
        options.requireNoOthers();
    }

    @Test
    void refusesUnknownOptionByPrintableName() {
        assertRefused("\"no\\u{a}such\"", () -> options(Map.of("no\nsuch", new Variant<>(true))).requireNoOthers());
    }

    @Test
    void refusesOptionOfWrongType() {
        assertRefused("of type s, not b", () -> options(Map.of("b", new Variant<>("true"))).flag("b"));
        assertRefused("of type b, not s", () -> options(Map.of("s", new Variant<>(true))).string("s"));
        assertRefused("of type s, not as", () -> options(Map.of("as", new Variant<>("x"))).strings("as"));
        assertRefused("of type i, not h", () -> options(Map.of("h", new Variant<>(5))).fd("h"));
    }

    @Test
    void refusesTooManyOptions() {
        Map<String, Variant<?>> many = IntStream.range(0, 65).boxed().collect(Collectors.toMap(i -> "o" + i, i -> new Variant<>(true)));
        assertRefused("too many", () -> options(many));
        assertRefused("too many", () -> options(Map.of("as", new Variant<>(Collections.nCopies(5000, "x"), "as"))).strings("as"));
    }
}
