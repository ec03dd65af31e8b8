package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests file names in headers of untrusted servers. */
class ContentDispositionTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "attachment; filename=pi.img.xz                               | pi.img.xz",
        "ATTACHMENT;FileName = pi.img.xz ;size=7                      | pi.img.xz",
        "attachment; filename=\"pi 1;2.img\"                          | pi 1;2.img",
        "attachment; filename=\"a\\\"b.img\"                           | a\"b.img",
        // RFC 6266, sections 5 and 4.3.
        "attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates | \u20ac rates",
        "attachment; filename*=UTF-8'en'%c2%a3.img; filename=x.img    | \u00a3.img",
        "attachment; filename*=iso-8859-1''%A3.img                    | \u00a3.img",
        "attachment; filename*=koi8-r''%A3.img; filename=x.img        | x.img",
        "attachment; filename*=UTF-8''%zz.img; filename=x.img         | x.img",
        "download; filename=x.img                                     | x.img",
        "attachment; filename=\"../../etc/x.img\"                     | x.img",
        "attachment; filename=\"/etc/x.img\"                          | x.img",
        "attachment; filename=C:\\\\x.img                               | x.img",
        "attachment; filename*=UTF-8''..%2f..%2Fx.img                 | x.img",
        "attachment; filename*=UTF-8''..%5Cx.img                      | x.img"})
    void returnsLastComponentOfName(String header, String name) {
        assertEquals(Optional.of(name), ContentDisposition.fileName(header));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ";", "attachment", "attachment; filename", "attachment; filename=", "attachment; filename=\"\"",
        "attachment; filename=\"x.img", "attachment; filename=\"x.img\\\"", "inline; filename=x.img", "filename=x.img",
        "attachment; filename=a.img; filename=b.img", "attachment; filename*=UTF-8''a.img; filename*=UTF-8''b.img",
        "attachment; filename=..", "attachment; filename=../", "attachment; filename=.x.img", "attachment; filename=x.img/",
        "attachment; filename*=UTF-8''x%00.img", "attachment; filename*=UTF-8''x%0a.img", "attachment; filename*=UTF-8''%1b.img",
        "attachment; filename*=UTF-8''x%c2%9b.img", "attachment; filename*=UTF-8''x%e2%80%ae.img",
        "attachment; filename*=UTF-8''x%ff.img", "attachment; xfilename=x.img", "attachment; filename*0=x.img"})
    void rejectsInvalidHeader(String header) {
        assertEquals(Optional.empty(), ContentDisposition.fileName(header));
    }

    @Test
    void limitsLengthOfHeaderAndName() {
        assertEquals(Optional.of("x".repeat(200)), ContentDisposition.fileName("attachment; filename=" + "x".repeat(200)));
        assertEquals(Optional.empty(), ContentDisposition.fileName("attachment; filename=" + "x".repeat(201)));
        // A regular expression could use a stack frame for each of the characters.
        for (String value : List.of("x".repeat(4000), "%aa".repeat(1300), "x%aa".repeat(1000))) {
            assertEquals(Optional.empty(), ContentDisposition.fileName("attachment; filename*=utf-8''" + value));
        }
        assertEquals(Optional.empty(), ContentDisposition.fileName("attachment; x=" + "\\".repeat(1 << 20) + "; filename=x"));
        assertEquals(Optional.empty(),
                ContentDisposition.fileName("attachment; x=\"" + "\\a".repeat(2000) + "\"; filename=" + " ".repeat(4000)));
    }
}
