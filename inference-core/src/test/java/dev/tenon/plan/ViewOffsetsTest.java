package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.SessionOptions;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that share memory. They save steps, and no value is overwritten before its last use. */
@Tag("tiers")
class ViewOffsetsTest {
    private static final int GRAPHS = 400;
    private static final long SEED = 0x71E5;

    /**
     * The operators of the steps for an input of some dimensions. Compares the results with those of the interpreter.
     */
    private static List<String> steps(Graph graph, Tensor x) {
        Program program = new Program(graph, CoreKernels.set(), Tier.capabilities());
        Plan plan = Planner.plan(program, ShapeKey.of(new Datum[] {x}), Long.MAX_VALUE);
        checkEqual(graph, x);
        return plan.steps().stream().map(s -> s.node().op().schema().name()).toList();
    }

    private static void checkEqual(Graph graph, Tensor x) {
        List<? extends Datum> expected = Interpreter.run(graph, List.of(x));
        var session = Model.of(graph).session(SessionOptions.standard().optimize(false));
        for (int round = 0; round < 2; round++) {
            Outputs found = session.predict(Map.of("x", x));
            for (int i = 0; i < expected.size(); i++) {
                String name = graph.outputNames().get(i);
                assertThat(found.tensor(name).contentEquals((Tensor) expected.get(i)))
                        .as("output %s of%n%s", name, GraphText.print(graph))
                        .isTrue();
            }
        }
    }

    private static List<String> steps(String body, long... dims) {
        StringBuilder type = new StringBuilder("f32[");
        for (int i = 0; i < dims.length; i++) {
            type.append(i == 0 ? "" : ",").append(dims[i]);
        }
        Graph graph = SmallModels.graph("graph (%x: " + type + "]) {\n" + body + "\n}");
        return steps(graph, SmallModels.random(dims));
    }

    @ParameterizedTest
    @CsvSource({
        "'0', '1', '0', ''",
        "'1, 2', '2, 3', '0, 1', ''",
        "'1, 0, 0', '2, 3, 16', '0, 1, 2', ''",
        "'-1', '9', '-3', ''",
        "'0, 1', '2, 2', '0, 1', 'Slice'",
        "'0', '8', '2', 'Slice'",
        "'1, 1, 8', '2, 2, 16', '0, 1, 2', 'Slice'"
    })
    void aSliceThatIsOneRunIsNoStep(String starts, String ends, String axes, String expected) {
        int count = starts.split(",").length;
        String body = """
            %%a = Relu(%%x)
            %%s = const i64[%1$d] {%2$s}
            %%e = const i64[%1$d] {%3$s}
            %%i = const i64[%1$d] {%4$s}
            %%part = Slice(%%a, %%s, %%e, %%i)
            %%y = Ceil(%%part)
            return %%y\
            """.formatted(count, starts, ends, axes);
        List<String> wanted = expected.isEmpty() ? List.of("Relu", "Ceil") : List.of("Relu", expected, "Ceil");
        assertThat(steps(body, 2, 3, 16)).isEqualTo(wanted);
    }

    @Test
    void aSplitIntoRunsIsNoStep() {
        String body = """
            %%a = Relu(%%x)
            %%p, %%q = Split<axis=%d, num_outputs=2>(%%a)
            %%r = Neg(%%p)
            %%s = Abs(%%q)
            return %%r, %%s\
            """;
        assertThat(steps(body.formatted(0), 4, 16)).containsExactly("Relu", "Neg", "Abs");
        assertThat(steps(body.formatted(1), 1, 6, 16)).containsExactly("Relu", "Neg", "Abs");
        assertThat(steps(body.formatted(1), 2, 6, 16)).contains("Split");
        assertThat(steps(body.formatted(-1), 6)).as("not aligned").contains("Split");
        assertThat(steps(body.formatted(-1), 32)).doesNotContain("Split");
    }

    @Test
    void operandsAreComputedIntoTheirConcat() {
        String body = """
            %%a = Relu(%%x)
            %%b = Neg(%%x)
            %%y = Concat<axis=%d>(%%a, %%b, %s)
            %%z = Abs(%%y)
            return %s\
            """;
        assertThat(steps(body.formatted(0, "%b", "%z"), 4, 16)).as("twice").contains("Concat");
        assertThat(steps(body.formatted(0, "%x", "%z"), 4, 16)).as("input").contains("Concat");
        String three = body.replace("%%y =", "%%c = Ceil(%%x)\n%%y =");
        assertThat(steps(three.formatted(0, "%c", "%z"), 4, 16)).containsExactly("Relu", "Neg", "Ceil", "Abs");
        assertThat(steps(three.formatted(1, "%c", "%z, %y, %a"), 1, 4, 16))
                .containsExactly("Relu", "Neg", "Ceil", "Abs");
        assertThat(steps(three.formatted(1, "%c", "%z"), 2, 4, 16)).contains("Concat");
        assertThat(steps(three.formatted(0, "%c", "%z"), 4, 3))
                .as("not aligned")
                .contains("Concat");
    }

    @Test
    void convolutionsWriteIntoTheRowsOfTheirConcat() {
        boolean vector = Tier.capabilities().vector();
        List<String> copied = List.of("ChannelsLast", "ChannelsLast", "Concat", "Neg");
        List<String> written = vector ? List.of("ChannelsLast", "ChannelsLast", "Neg") : copied;
        assertThat(sideBySide(32, 16, 3, false)).isEqualTo(written);
        assertThat(sideBySide(32, 16, -1, false)).isEqualTo(written);
        assertThat(sideBySide(24, 16, 3, false)).as("not aligned").isEqualTo(copied);
        assertThat(sideBySide(16, 16, 2, false)).as("not the last axis").isEqualTo(copied);
        assertThat(sideBySide(32, 16, 3, true)).as("read elsewhere").contains("Concat");
    }

    /** The steps of two convolutions and their Concat. All numbers are integers, so that results are exact. */
    private static List<String> sideBySide(long left, long right, int axis, boolean readElsewhere) {
        GraphBuilder g = new GraphBuilder("g");
        Value x = g.input("x", new TensorType(DType.FLOAT32, Shape.of(2, 5, 3, 16)));
        Op conv = new ChannelsLast(Conv.of(Attributes.none()));
        Value a = g.add(conv, x, g.constant("v", integers(left, 16, 1, 1)));
        Value b = g.add(conv, x, g.constant("w", integers(right, 16, 1, 1)));
        g.output("z", g.add(new Neg(), g.add(new Concat(axis), a, b)));
        if (readElsewhere) {
            g.output("r", g.add(new Neg(), b));
        }
        return steps(g.build(), integers(2, 5, 3, 16));
    }

    private static Tensor integers(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, i * i % 11 - 5);
        }
        return t;
    }

    @Test
    void concatsOfConcatsAreOneBuffer() {
        StringBuilder body = new StringBuilder("%v0 = Relu(%x)\n");
        for (int i = 0; i < 6; i++) {
            body.append("%n").append(i).append(" = Neg(%v").append(i).append(")\n");
            body.append("%v").append(i + 1).append(" = Concat<axis=1>(%v").append(i);
            body.append(", %n").append(i).append(")\n");
        }
        assertThat(steps(body + "return %v6, %v3", 1, 2, 16)).hasSize(7).doesNotContain("Concat");
    }

    @Test
    void aValueThatIsReadLaterIsNotOverwritten() {
        assertThat(steps("""
            %a = Relu(%x)
            %b = Neg(%x)
            %c = Concat<axis=0>(%a, %b)
            %d = Neg(%a)
            %e = Ceil(%c)
            %f = Abs(%b)
            return %d, %e, %f\
            """, 4, 16)).doesNotContain("Concat");
        assertThat(steps("""
            %a = Relu(%x)
            %p, %q = Split<axis=0, num_outputs=2>(%a)
            %r = Neg(%p)
            %s = Add(%q, %r)
            %t = Neg(%a)
            return %s, %t, %p\
            """, 4, 16)).doesNotContain("Split");
    }

    @Test
    void randomGraphsGiveTheResultsOfTheInterpreter() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < GRAPHS; i++) {
            Graph graph = random(random.split());
            checkEqual(graph, SmallModels.random(1, 8, 16));
        }
    }

    private static Graph random(SplittableRandom random) {
        GraphBuilder b = new GraphBuilder("random");
        List<Value> values = new ArrayList<>();
        values.add(b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 8, 16))));
        for (int n = 2 + random.nextInt(14); n > 0; n--) {
            Value v = pick(values, random);
            int rows = rows(v);
            switch (random.nextInt(6)) {
                case 0 -> values.add(b.add(random.nextBoolean() ? new Neg() : new Abs(), v));
                case 1 -> values.add(b.add(new Relu(), v));
                case 2 -> {
                    List<Value> same =
                            values.stream().filter(o -> rows(o) == rows).toList();
                    values.add(b.add(new Add(), v, pick(same, random)));
                }
                case 3 -> values.add(b.add(new Concat(1), v, pick(values, random)));
                case 4 -> values.addAll(b.add(new Split(1, 2), "", List.of(v), names(n)));
                default -> {
                    int from = random.nextInt(rows);
                    Value start = b.constant("s" + n, Tensor.of(new long[] {from}));
                    Value end = b.constant("e" + n, Tensor.of(new long[] {from + 1 + random.nextInt(rows - from)}));
                    Value axis = b.constant("i" + n, Tensor.of(new long[] {1}));
                    values.add(b.add(new Slice(), v, start, end, axis));
                }
            }
            values.removeIf(w -> rows(w) == 0 || rows(w) > 64);
        }
        for (int k = 1 + random.nextInt(3); k > 0; k--) {
            b.output("y" + k, pick(values, random));
        }
        return b.build();
    }

    private static List<String> names(int n) {
        return List.of("p" + n, "q" + n);
    }

    private static int rows(Value v) {
        return (int) v.tensorType().shape().dim(1).value();
    }

    private static Value pick(List<Value> values, SplittableRandom random) {
        return values.get(random.nextInt(values.size()));
    }
}
