package dev.tenon.formats.ubjson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.json.DataReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UbjsonReaderTest {
    private static <T> T read(String latin, Function<DataReader, T> body) {
        byte[] bytes = latin.getBytes(StandardCharsets.ISO_8859_1);
        return UbjsonReader.read(ModelBytes.of("test", MemorySegment.ofArray(bytes)), Limits.standard(), body);
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
        assertThat(read("[$U#i\u0002\u0001\u00FF", DataReader::bytes)).containsExactly(1, -1);
        assertThat(read("[TFU\u00FF]", DataReader::bytes)).containsExactly(1, 0, -1);
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read("[i\u00FF]", DataReader::bytes))
                .withMessageContaining("0 to 255");
        assertThat(read("[TF]", DataReader::integers)).containsExactly(1, 0);
    }

    /** Values longer than the portions in which bytes are read, and values that begin in one portion and end in the next. */
    @Test
    void readsFilesOfManyPortions() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        StringBuilder expected = new StringBuilder("[");
        out.writeByte('[');
        for (int i = 0; i < 300; i++) {
            int length = random.nextInt(random.nextInt(30) == 0 ? 100_000 : 700);
            int kind = random.nextInt(5);
            out.writeBytes(kind == 0 ? "S" : "[$" + "ldUD".charAt(kind - 1) + "#");
            out.writeByte('L');
            out.writeLong(length);
            long sum = 0;
            for (int k = 0; k < length; k++) {
                int value = random.nextInt(26);
                sum += (k % 7 + 1L) * value;
                switch (kind) {
                    case 0 -> out.writeByte('a' + value);
                    case 1 -> out.writeInt(value);
                    case 2 -> out.writeFloat(value);
                    case 3 -> out.writeByte(value);
                    default -> out.writeDouble(value);
                }
            }
            expected.append(length).append(':').append(sum).append(' ');
        }
        out.writeByte(']');
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        assertThat(read(text, UbjsonReaderTest::sums)).as("seed %d", seed).isEqualTo(expected + "]");
        int end = text.length() - 1 - random.nextInt(500);
        assertThatExceptionOfType(MalformedModelException.class)
                .as("seed %d", seed)
                .isThrownBy(() -> read(text.substring(0, end), UbjsonReaderTest::sums));
    }

    private static String sums(DataReader in) {
        StringBuilder out = new StringBuilder("[");
        in.beginArray();
        for (int i = 0; in.nextElement(); i++) {
            double[] values = in.kind() == DataReader.Kind.TEXT
                    ? in.text().chars().mapToDouble(c -> c - 'a').toArray()
                    : i % 2 == 0 ? floats(in.floats()) : in.doubles();
            long sum = 0;
            for (int k = 0; k < values.length; k++) {
                sum += (k % 7 + 1L) * (long) values[k];
            }
            out.append(values.length).append(':').append(sum).append(' ');
        }
        return out.append(']').toString();
    }

    private static double[] floats(float[] values) {
        double[] all = new double[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = values[i];
        }
        return all;
    }

    @Test
    void namesWithTheSameEndsAreToldApart() {
        StringBuilder text = new StringBuilder("{");
        StringBuilder shown = new StringBuilder("{");
        for (String name : List.of("abcd", "axyd", "abcd", "", "axyd", "adbcd", "x".repeat(40), "x".repeat(40))) {
            text.append('i').append((char) name.length()).append(name).append('T');
            shown.append(name).append(":true ");
        }
        assertThat(read(text + "}", UbjsonReaderTest::shown)).isEqualTo(shown + "}");
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
