package dev.tenon.formats.ubjson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.json.DataReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UbjsonReaderTest {
    private static <T> T read(String latin, Function<DataReader, T> body) {
        byte[] bytes = latin.getBytes(StandardCharsets.ISO_8859_1);
        return UbjsonReader.read(ModelBytes.of("test", MemorySegment.ofArray(bytes)), Limits.defaults(), body);
    }

    private static String shown(DataReader in) {
        StringBuilder out = new StringBuilder();
        show(in, out);
        return out.toString();
    }

    private static void show(DataReader in, StringBuilder out) {
        switch (in.kind()) {
            case OBJECT -> {
                out.append('{');
                in.beginObject();
                for (String name = in.nextName(); name != null; name = in.nextName()) {
                    out.append(name).append(':');
                    show(in, out);
                    out.append(' ');
                }
                out.append('}');
            }
            case ARRAY -> {
                out.append('[');
                in.beginArray();
                while (in.nextElement()) {
                    show(in, out);
                    out.append(' ');
                }
                out.append(']');
            }
            case TEXT -> out.append('\'').append(in.text()).append('\'');
            case NUMBER -> out.append(in.float64());
            case TRUTH -> out.append(in.truth());
            case NULL -> {
                in.skip();
                out.append("null");
            }
        }
    }

    @Test
    void readsEveryKindOfValue() {
        assertThat(read("[ZTFi\u00FFU\u00FFI\u0001\u0000l\u0000\u0000\u0000\u0007Ci]", UbjsonReaderTest::shown))
                .isEqualTo("[null true false -1.0 255.0 256.0 7.0 'i' ]");
        assertThat(read(
                        "[NNd?\u0080\u0000\u0000D?\u00F0\u0000\u0000\u0000\u0000\u0000\u0000Hi\u00041e-5]",
                        UbjsonReaderTest::shown))
                .isEqualTo("[1.0 1.0 1.0E-5 ]");
        assertThat(read("{i\u0001aSi\u0002hii\u0001b{}}", UbjsonReaderTest::shown))
                .isEqualTo("{a:'hi' b:{} }");
        assertThat(read("[#i\u0002i\u0001Z", UbjsonReaderTest::shown)).isEqualTo("[1.0 null ]");
        assertThat(read("[$U#i\u0003\u0001\u0002\u0003", UbjsonReaderTest::shown))
                .isEqualTo("[1.0 2.0 3.0 ]");
        assertThat(read("{$i#i\u0002i\u0001a\u0005i\u0001b\u0006", UbjsonReaderTest::shown))
                .isEqualTo("{a:5.0 b:6.0 }");
        assertThat(read("[$[#i\u0002i\u0001]]", UbjsonReaderTest::shown)).isEqualTo("[[1.0 ] [] ]");
    }

    @Test
    void readsArraysOfOneType() {
        assertThat(read("[$d#i\u0001?\u0080\u0000\u0000", DataReader::floats)).containsExactly(1f);
        assertThat(read("[d?\u0080\u0000\u0000i\u0002]", DataReader::floats)).containsExactly(1f, 2f);
        assertThat(read("[$l#i\u0001\u0000\u0000\u0001\u0000", DataReader::integers))
                .containsExactly(256);
        assertThat(read("[$U#i\u0002\u0001\u0000", DataReader::integers)).containsExactly(1, 0);
        assertThat(read("[TF]", DataReader::integers)).containsExactly(1, 0);
    }

    @Test
    void skipsWhatItSkips() {
        String value = "{i\u0001a[$d#i\u0001?\u0080\u0000\u0000i\u0001b[{i\u0001cSi\u0001x}TZ[$[#i\u0001]]}";
        long after = read("[" + value + "i\u0009]", in -> {
            in.beginArray();
            in.nextElement();
            in.skip();
            in.nextElement();
            long number = in.integer();
            in.nextElement();
            return number;
        });
        assertThat(after).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "[i",
                "?",
                "{i\u0005a",
                "Si\u00FF",
                "[#L\u007F\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF",
                "[$d#i\u0003\u0000\u0000\u0000\u0000",
                "[$T#i\u0001",
                "[$i",
                "[$i]",
                "[$?#i\u0000",
                "i\u0001i\u0001",
            })
    void refusesWhatItIsNot(String latin) {
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read(latin, UbjsonReaderTest::shown))
                .withMessageContaining("at byte");
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read(latin, in -> {
                    in.skip();
                    return null;
                }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Si\u0001\u00C3", "Hi\u0001x", "Hi\u0000", "d\u0000"})
    void refusesValuesThatAreNone(String latin) {
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read(latin, UbjsonReaderTest::shown))
                .withMessageContaining("at byte");
    }

    @Test
    void levelsAreLimited() {
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read("[".repeat(100_000), UbjsonReaderTest::shown))
                .withMessageContaining("maxNesting");
    }
}
