package dev.tenon.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTextTest {
    private static Object parse(String text) {
        return JsonText.parse(text, 3, (found, allowed) -> new IllegalStateException(found + "; allowed " + allowed));
    }

    @Test
    void writesValues() {
        assertThat(JsonText.of(List.of(Map.of("a", List.of("x\"", true))))).isEqualTo("[{\"a\":[\"x\\\"\",true]}]");
        assertThat(JsonText.of(List.of(7, 1L << 62, -0.0, 4.1e-4))).isEqualTo("[7,4611686018427387904,-0.0,4.1E-4]");
        assertThatThrownBy(() -> JsonText.of(List.of('c'))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNumberThatJsonCannotHoldIsNull() {
        assertThat(JsonText.of(Arrays.asList(Double.NaN, Double.POSITIVE_INFINITY, 1.5, null, -2L, true)))
                .isEqualTo("[null,null,1.5,null,-2,true]");
    }

    @Test
    void textsCanBeStoredInUtf8AndPutIntoScripts() {
        String text = "a\"b\\c\nd/é\uD800 \uD83D\uDE00 \u2028\u2029\u001f\t";
        String json = JsonText.of(text);
        assertThat(json).isEqualTo("\"a\\\"b\\\\c\\nd/é\\ud800 \\ud83d\\ude00 \\u2028\\u2029\\u001f\\t\"");
        String stored = new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        assertThat(parse(stored)).isEqualTo(text);
    }

    @Test
    void valuesAreReadAsTheyAreWritten() {
        Object value = parse(" {\"b\" : [1, -2.5e1, 1e2, true, false, null, \"\\n\\/\"],\n\"a\": {}, \"\": -0 }\n");
        assertThat(value).hasToString("{b=[1, -25.0, 100.0, true, false, null, \n/], a={}, =0}");
        assertThat(parse(JsonText.of(value))).isEqualTo(value);
        assertThat(parse("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(parse("9223372036854775808")).isEqualTo(0x1p63);
        assertThat(parse("[[[]]]")).hasToString("[[[]]]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|nothing at line 1, column 1; allowed a value",
                "1 2|more after the end of the value at line 1, column 3; allowed one value",
                "{\"a\": 1, \"a\": 2}|member 'a' twice at line 1, column 10; allowed each member once",
                "[[[[]]]]|values nested deeper than 3 at line 1, column 4; allowed at most 3",
                "[1e999]|number 1e999 at line 1, column 2; allowed numbers that a double holds"
            })
    void errorsNameThingAndPlace(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
    }

    @Test
    void notJsonIsAnErrorWithItsPlace() {
        assertThatThrownBy(() -> parse("{\n  \"a\": x}"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching("no JSON: Unrecognized token 'x'.* at line 2, column \\d+; allowed JSON");
    }
}
