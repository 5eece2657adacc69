package dev.tenon.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    private static <T> T read(String json, Limits limits, Function<DataReader, T> body) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return JsonReader.read(ModelBytes.of("test", MemorySegment.ofArray(bytes)), limits, body);
    }

    private static <T> T read(String json, Function<DataReader, T> body) {
        return read(json, Limits.standard(), body);
    }

    private static Object skip(DataReader in) {
        in.skip();
        return null;
    }

    @Test
    void readsObjectsInOrder() {
        String found = read("{\"a\": [1, 2.5, true], \"b\": {\"c\": \"x\"}, \"d\": null, \"e\": -7}", in -> {
            StringBuilder out = new StringBuilder();
            in.beginObject();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                out.append(name).append('=');
                switch (name) {
                    case "e" -> out.append(in.integer(-10, 0));
                    case "a" -> {
                        in.beginArray();
                        while (in.nextElement()) {
                            out.append(in.scalar()).append(',');
                        }
                    }
                    default -> in.skip();
                }
                out.append(' ');
            }
            return out.toString();
        });
        assertThat(found).isEqualTo("a=1,2.5,true, b= d= e=-7 ");
    }

    /** 1.00000017881393432617187499 is next to a tie between floats: rounded to double first it would become another. */
    @Test
    void floatsAreRoundedOnce() {
        String tie = "1.000000178813934326171874999";
        assertThat(read(tie, DataReader::float32))
                .isEqualTo(Float.parseFloat(tie))
                .isNotEqualTo((float) Double.parseDouble(tie));
        assertThat(read("[" + tie + ",NaN,-Infinity,1E-45,16777217]", DataReader::floats))
                .containsExactly(Float.parseFloat(tie), Float.NaN, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, 16777216f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1", "[1,]", "{\"a\"}", "tru", "1 2", "\"\u0001\"", "[1}", "{\"a\":1]"})
    void refusesWhatIsNoJson(String json) {
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read(json, JsonReaderTest::skip))
                .withMessageContaining("test");
    }

    @Test
    void refusesOtherKinds() {
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read("{\"a\":[1,\"x\"]}", in -> {
                    in.beginObject();
                    in.nextName();
                    return in.floats();
                }))
                .withMessageContaining("/a/1")
                .withMessageContaining("TEXT");
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read("11", in -> in.integer(0, 10)))
                .withMessageContaining("0 to 10");
        assertThatExceptionOfType(MalformedModelException.class).isThrownBy(() -> read("1e300", DataReader::integer));
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read("99999999999999999999", DataReader::integer));
    }

    @Test
    void limitsAreKept() {
        Limits limits = Limits.standard().maxNesting(4).maxStringBytes(10).maxRecords(3);
        assertThatExceptionOfType(ResourceLimitException.class)
                .isThrownBy(() -> read("[[[[[]]]]]", limits, JsonReaderTest::skip));
        assertThatExceptionOfType(ResourceLimitException.class)
                .isThrownBy(() -> read("\"" + "x".repeat(100) + "\"", limits, DataReader::text));
        assertThatExceptionOfType(ResourceLimitException.class)
                .isThrownBy(() -> read("[\"a\",\"b\",\"c\",\"d\"]", limits, DataReader::texts))
                .withMessageContaining("maxRecords");
        assertThat(read("[\"a\",\"b\",\"c\"]", limits, DataReader::texts)).containsExactly("a", "b", "c");
    }

    @Test
    void firstNamesTellFormatsApart() {
        assertThat(first(" \n{ \"learner\" : {}")).contains("learner");
        assertThat(first("\uFEFF{\"version\":")).contains("version");
        assertThat(first("{}")).isEmpty();
        assertThat(first("{\"lea")).isEmpty();
        assertThat(first("[\"learner\"]")).isEmpty();
        assertThat(first("")).isEmpty();
    }

    private static Optional<String> first(String text) {
        return JsonStart.firstName(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
    }
}
