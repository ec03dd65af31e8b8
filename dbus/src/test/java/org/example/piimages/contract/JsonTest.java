package org.example.piimages.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void compactIsOneLine() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("a", List.of(1, true, "x"));
        object.put("b", Map.of());
        object.put("c", null);
        assertEquals("{\"a\":[1,true,\"x\"],\"b\":{},\"c\":null}", Json.text(object, false));
    }

    @Test
    void prettyIsIndented() {
        assertEquals("[\n  {\n    \"a\": []\n  }\n]", Json.text(List.of(Map.of("a", List.of())), true));
    }

    @Test
    void escapesStrings() {
        assertEquals("\"\\\"\\\\\\n\\t\\u001b\\u0000\\u009b\u00e9\"", Json.text("\"\\\n\t\033\0\u009b\u00e9", false));
    }
}
