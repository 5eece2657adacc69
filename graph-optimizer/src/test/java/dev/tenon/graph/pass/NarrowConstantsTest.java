package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which constants are stored in 16 bits, and which are not. */
class NarrowConstantsTest {
    /** More elements than are converted at once. */
    private static final int MANY = 5000;

    private static Tensor filled(DType type, int size, double first) {
        Tensor t = Tensor.allocate(type, size);
        for (int i = 0; i < size; i++) {
            t.setDouble(i, i % 100 + first);
        }
        return t;
    }

    private static Graph parse(String text, Tensor... constants) {
        Map<String, Tensor> named = new HashMap<>();
        for (int i = 0; i < constants.length; i++) {
            named.put("c" + i, constants[i]);
        }
        Graph graph = GraphText.parse(text, Graphs.OPERATORS, named::get);
        GraphVerifier.verify(graph);
        return graph;
    }

    /** A graph with a table of widened numbers and another constant. */
    private static Graph two(Tensor table, Tensor other) {
        return parse(
                """
            graph main(%%x: %s[1]) {
              %%w = const f32[%d] @c0
              %%t = const %s[%d] @c1
              %%n = Neg(%%w)
              %%y = Add(%%x, %%t)
              return %%y, %%n
            }
            """.formatted(other.dtype().text(), table.size(), other.dtype().text(), other.size()), table, other);
    }

    private static Tensor constant(Graph graph, String name) {
        return graph.constants().stream()
                .filter(v -> v.name().equals(name))
                .map(Value::constant)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16, 5000", "BFLOAT16, 5000", "FLOAT16, 1024"})
    void computedConstantsAreStoredAsThoseOfTheModel(DType type, int size) {
        Graph graph = two(filled(type, MANY, 1).widened(), filled(DType.FLOAT32, size, 2));
        Graph result = new NarrowConstants().apply(graph);
        GraphVerifier.verify(result);
        assertThat(constant(result, "t").narrow().dtype()).isEqualTo(type);
        assertThat(new NarrowConstants().apply(result)).as("a second time").isSameAs(result);
        Tensor x = Tensor.of(new float[] {1});
        Graphs.requireEqual(Graphs.run(result, x), Graphs.run(graph, x));
    }

    @ParameterizedTest
    @CsvSource({
        // Too small, numbers that need more bits, other types: zeros have the same bytes in all of them.
        "FLOAT32, 1023, 2",
        "FLOAT32, 5000, 0.1",
        "INT32, 5000, 0",
        "FLOAT64, 5000, 2",
    })
    void otherConstantsStay(DType type, int size, double first) {
        Tensor other = type == DType.INT32 ? Tensor.allocate(type, size) : filled(type, size, first);
        Graph graph = two(filled(DType.FLOAT16, MANY, 1).widened(), other);
        assertThat(new NarrowConstants().apply(graph)).isSameAs(graph);
    }

    @Test
    void constantsOfAModelOfFloatsStay() {
        Graph graph = two(filled(DType.FLOAT32, MANY, 1), filled(DType.FLOAT32, MANY, 2));
        assertThat(new NarrowConstants().apply(graph)).isSameAs(graph);
    }

    /** Numbers in a file are float32 because the model stores them so. */
    @Test
    void constantsInFilesStay(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("numbers");
        Files.write(file, new byte[MANY * Float.BYTES]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, MANY * Float.BYTES, Arena.ofAuto());
            Graph graph = two(filled(DType.FLOAT16, MANY, 1).widened(), Tensor.of(DType.FLOAT32, mapped, MANY));
            assertThat(new NarrowConstants().apply(graph)).isSameAs(graph);
        }
    }

    /** 2^100 is a number of bfloat16, and infinite in float16. */
    @Test
    void eachTypeOfTheModelIsTried() {
        Tensor large = Tensor.allocate(DType.FLOAT32, 2000);
        for (int i = 0; i < large.size(); i++) {
            large.setDouble(i, 0x1p100);
        }
        Graph graph = parse(
                """
            graph main(%x: f32[1]) {
              %a = const f32[5000] @c0
              %b = const f32[5000] @c1
              %t = const f32[2000] @c2
              %y = Add(%x, %t)
              %n = Neg(%a)
              %m = Neg(%b)
              return %y, %n, %m
            }
            """,
                filled(DType.FLOAT16, MANY, 1).widened(),
                filled(DType.BFLOAT16, MANY, 1).widened(),
                large);
        Graph result = new NarrowConstants().apply(graph);
        assertThat(constant(result, "t").narrow().dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(constant(result, "t").getDouble(1999)).isEqualTo(0x1p100);
    }

    @Test
    void onlyTablesThatAreNarrowAreReadIn16Bits() {
        Graph graph = parse("""
            graph main(%x: f32[9], %i: i64[3]) {
              %w = const f32[5000] @c0
              %small = const f32[3] {1.0, 2.0, 3.0}
              %a = Gather(%x, %i)
              %b = Gather(%small, %i)
              %n = Neg(%w)
              return %a, %b, %n
            }
            """, filled(DType.FLOAT16, MANY, 1).widened());
        assertThat(new NarrowConstants().apply(graph)).isSameAs(graph);
        Graph looking = parse("""
            graph main(%x: f32[9], %i: i64[3]) {
              %w = const f32[5000] @c0
              %a = Gather(%x, %i)
              %c = Gather(%w, %i)
              %n = Neg(%w)
              return %a, %c, %n
            }
            """, filled(DType.FLOAT16, MANY, 1).widened());
        Graph result = new NarrowConstants().apply(looking);
        GraphVerifier.verify(result);
        assertThat(result.nodes().stream().map(n -> n.op().schema().name()))
                .containsExactly("Gather", "Gather", "Cast", "Neg");
        Tensor[] inputs = {filled(DType.FLOAT32, 9, 0), Tensor.of(new long[] {2, 0, 1})};
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(looking, inputs));
    }

    private static Tensor folded(String text, Tensor... constants) {
        Graph graph = parse(text, constants);
        Graph result = new ConstantFolding().apply(graph);
        GraphVerifier.verify(result);
        assertThat(result.nodes()).isEmpty();
        Graphs.requireEqual(Graphs.run(result), Graphs.run(graph));
        return result.outputs().getFirst().constant();
    }

    private static Tensor cast(Tensor from, int to) {
        return folded(
                "graph main() {\n%%a = const %s[%d] @c0\n%%y = Cast<to=%d>(%%a)\nreturn %%y\n}\n"
                        .formatted(from.dtype().text(), from.size(), to),
                from);
    }

    @Test
    void castsOfWeightsTo32BitsKeep16() {
        assertThat(cast(filled(DType.FLOAT16, 1024, 1), 1).narrow().dtype()).isEqualTo(DType.FLOAT16);
        assertThat(cast(filled(DType.BFLOAT16, 1024, 1), 1).narrow().dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(cast(filled(DType.FLOAT16, 1023, 1), 1).narrow()).as("small").isNull();
        assertThat(cast(filled(DType.FLOAT64, 1024, 1), 1).narrow())
                .as("of f64")
                .isNull();
        assertThat(cast(filled(DType.INT32, 1024, 1), 1).narrow()).as("of i32").isNull();
        assertThat(cast(filled(DType.FLOAT16, 1024, 1), 11).dtype()).isEqualTo(DType.FLOAT64);
        assertThat(cast(filled(DType.FLOAT16, 1024, 1), 16).dtype()).isEqualTo(DType.BFLOAT16);
    }

    /** Results that are no float32, that are small, or whose operands have all their bits. */
    @ParameterizedTest
    @ValueSource(strings = {"Cast<to=6>(%a)", "Slice(%a, %from, %to)", "Mul(%a, %third)"})
    void suchResultsHaveAllTheirBits(String operator) {
        Tensor result = folded(
                """
            graph main() {
              %a = const f32[5000] @c0
              %from = const i64[1] {0}
              %to = const i64[1] {1023}
              %third = const f32[] {0.3333}
              %y = OPERATOR
              return %y
            }
            """.replace("OPERATOR", operator),
                zeros(operator.startsWith("Cast") ? 0 : 1).widened());
        assertThat(result.narrow()).isNull();
    }

    /** Zeros, whose bytes are zeros in any type, and a last number. */
    private static Tensor zeros(double last) {
        Tensor t = Tensor.allocate(DType.FLOAT16, MANY);
        t.setDouble(MANY - 1, last);
        return t;
    }

    @Test
    void resultsKeepThe16BitsOfTheirOperands() {
        String text = """
            graph main() {
              %a = const f32[5000] @c0
              %max = const f32[] {3.0}
              %y = Clip(%a, _, %max)
              return %y
            }
            """;
        assertThat(folded(text, filled(DType.FLOAT16, MANY, 1).widened())
                        .narrow()
                        .dtype())
                .isEqualTo(DType.FLOAT16);
        assertThat(folded(text, filled(DType.FLOAT32, MANY, 1)).narrow()).isNull();
        assertThat(folded(text, filled(DType.BFLOAT16, MANY, 1).widened())
                        .narrow()
                        .dtype())
                .isEqualTo(DType.BFLOAT16);
    }
}
