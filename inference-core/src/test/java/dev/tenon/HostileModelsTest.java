package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Valid models that need more memory or time than there is. Each ends in an exception that says so, when it is loaded,
 * planned or run.
 */
class HostileModelsTest {
    private static final long GIANT = 1L << 52;

    /** A node whose result is too large, with its operands. */
    private record Giant(String operator, List<Tensor> operands, List<AttributeProto> attributes) {
        @Override
        public String toString() {
            return operator;
        }

        OnnxFile file(boolean constant) {
            OnnxFile file = OnnxFile.graph("hostile").version(22);
            List<String> names = new ArrayList<>();
            for (int i = 0; i < operands.size(); i++) {
                Tensor t = operands.get(i);
                names.add(t == null ? "" : "x" + i);
                if (t != null && constant) {
                    file.initializer("x" + i, t);
                } else if (t != null) {
                    file.input("x" + i, t.type());
                }
            }
            return file.node(operator, names, List.of("y"), attributes.toArray(AttributeProto[]::new))
                    .output("y");
        }

        Map<String, Datum> inputs(boolean constant) {
            Map<String, Datum> inputs = new LinkedHashMap<>();
            for (int i = 0; i < operands.size() && !constant; i++) {
                if (operands.get(i) != null) {
                    inputs.put("x" + i, operands.get(i));
                }
            }
            return inputs;
        }
    }

    private static Giant giant(String operator, List<Tensor> operands, AttributeProto... attributes) {
        return new Giant(operator, operands, List.of(attributes));
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    private static Tensor floats(float... values) {
        return Tensor.of(values);
    }

    static Stream<Giant> giants() {
        Tensor one = floats(1);
        Tensor image = Tensor.of(new float[16], 1, 1, 4, 4);
        List<Tensor> scales = new ArrayList<>();
        scales.add(image);
        scales.add(null);
        scales.add(floats(1, 1, 1e8f, 1e8f));
        List<Tensor> sizes = new ArrayList<>();
        sizes.add(image);
        sizes.add(null);
        sizes.add(null);
        sizes.add(longs(1, 1, 1L << 26, 1L << 26));
        return Stream.of(
                giant("Range", List.of(Tensor.scalar(0L), Tensor.scalar(GIANT), Tensor.scalar(1L))),
                giant("Range", List.of(Tensor.scalar(0.0), Tensor.scalar(1e300), Tensor.scalar(1e-300))),
                giant("Tile", List.of(one, longs(GIANT))),
                giant("Expand", List.of(one, longs(GIANT))),
                giant("ConstantOfShape", List.of(longs(1L << 30, 1L << 30))),
                giant("Pad", List.of(one, longs(GIANT, 0))),
                giant("OneHot", List.of(longs(1), Tensor.scalar(GIANT), floats(0, 1))),
                giant("Resize", scales),
                giant("Resize", sizes, OnnxFile.attribute("mode", "linear")),
                giant("Resize", sizes, OnnxFile.attribute("mode", "cubic")),
                giant("HannWindow", List.of(Tensor.scalar(GIANT))),
                giant(
                        "MelWeightMatrix",
                        List.of(
                                Tensor.scalar(GIANT),
                                Tensor.scalar(64L),
                                Tensor.scalar(8000L),
                                Tensor.scalar(0f),
                                Tensor.scalar(4000f))),
                giant("DFT", List.of(Tensor.of(new float[4], 1, 4, 1), Tensor.scalar(GIANT))),
                giant("AffineGrid", List.of(Tensor.of(new float[6], 1, 2, 3), longs(1, 1, 1L << 26, 1L << 26))),
                giant("CenterCropPad", List.of(one, longs(GIANT))),
                giant(
                        "Col2Im",
                        List.of(Tensor.of(new float[1], 1, 1, 1), longs(1L << 26, 1L << 26), longs(1, 1)),
                        OnnxFile.attribute("strides", new long[] {1L << 26, 1L << 26})),
                giant("Gather", List.of(Tensor.of(new float[1 << 17], 1, 1 << 17), Tensor.of(new long[1 << 18]))));
    }

    @ParameterizedTest
    @MethodSource("giants")
    void giantResults(Giant giant) {
        for (boolean constant : new boolean[] {false, true}) {
            for (boolean optimize : new boolean[] {false, true}) {
                assertThat(Typed.failure(() -> {
                            Model model = Model.load(
                                    ByteBuffer.wrap(giant.file(constant).bytes()));
                            model.session(SessionOptions.standard().optimize(optimize))
                                    .predict(giant.inputs(constant));
                        }))
                        .as("%s, constant %s, optimised %s", giant, constant, optimize)
                        .isInstanceOf(TenonException.class);
            }
        }
    }

    /** Values whose sizes are numbers, but not the sum of their sizes. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 58, 1L << 60, (1L << 60) + 7, (1L << 61) - 1})
    void sumsOfSizesThatOverflow(long elements) {
        for (boolean known : new boolean[] {true, false}) {
            OnnxFile file = OnnxFile.graph("sums").input("x", "f32[1]");
            Map<String, Datum> inputs = new LinkedHashMap<>(Map.of("x", floats(1)));
            if (known) {
                file.initializer("n", longs(elements));
            } else {
                file.input("n", "i64[1]");
                inputs.put("n", longs(elements));
            }
            byte[] model = file.node("Expand", List.of("x", "n"), List.of("a"))
                    .node("Neg", List.of("a"), List.of("b"))
                    .node("Abs", List.of("a"), List.of("c"))
                    .node("Less", List.of("a", "b"), List.of("d"))
                    .output("a")
                    .output("b")
                    .output("c")
                    .output("d")
                    .bytes();
            assertThat(Typed.failure(
                            () -> Model.load(ByteBuffer.wrap(model)).session().predict(inputs)))
                    .as("known %s", known)
                    .isInstanceOf(TenonException.class);
        }
    }

    /** A loop whose condition is always true. It may collect its results. */
    private static OnnxFile endless(boolean counted, boolean collects, boolean constant) {
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("v", "f32[2]")
                .node("Identity", List.of("go"), List.of("on"))
                .node("Neg", List.of("v"), List.of("next"))
                .output("on", "bool[]")
                .output("next", "f32[2]");
        if (collects) {
            body.node("Abs", List.of("v"), List.of("each")).output("each", "f32[2]");
        }
        OnnxFile file = OnnxFile.graph("endless").initializer("most", Tensor.scalar(Long.MAX_VALUE));
        file.initializer("go", Tensor.scalar(true));
        if (constant) {
            file.initializer("x", floats(1, 2));
        } else {
            file.input("x", "f32[2]");
        }
        List<String> results = collects ? List.of("y", "all") : List.of("y");
        return file.node(
                        "Loop",
                        List.of(counted ? "most" : "", counted ? "" : "go", "x"),
                        results,
                        OnnxFile.body("body", body))
                .output("y");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void loopsWithoutEnd(boolean collects) {
        for (boolean counted : new boolean[] {false, true}) {
            for (boolean constant : new boolean[] {false, true}) {
                Map<String, Datum> inputs = constant ? Map.of() : Map.of("x", floats(1, 2));
                assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(
                                        endless(counted, collects, constant).bytes()))
                                .session(SessionOptions.standard().timeLimit(Duration.ofMillis(100)))
                                .predict(inputs)))
                        .as("counted %s, constant %s", counted, constant)
                        .isInstanceOf(TenonException.class);
            }
        }
    }

    /** Infinite loops end without a time limit. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void loopsWithoutEndRunOutOfIterations(boolean collects) {
        SessionOptions few = SessionOptions.standard().maxIterations(500);
        for (boolean counted : new boolean[] {false, true}) {
            for (boolean constant : new boolean[] {false, true}) {
                Map<String, Datum> inputs = constant ? Map.of() : Map.of("x", floats(1, 2));
                Model model = Model.load(
                        ByteBuffer.wrap(endless(counted, collects, constant).bytes()));
                assertThat(Typed.failure(() -> model.session(few).predict(inputs)))
                        .isInstanceOf(ResourceLimitException.class)
                        .hasMessageContaining("more than 500 runs")
                        .hasMessageContaining("SessionOptions.maxIterations");
            }
        }
        assertThat(SessionOptions.standard().maxIterations()).isEqualTo(10_000_000);
        assertThatThrownBy(() -> few.maxIterations(0)).isInstanceOf(InvalidOptionException.class);
    }

    /** The slices of a Scan and the elements of a SequenceMap are iterations too. */
    @Test
    void scansAndMapsRunOutOfIterations() {
        OnnxFile body = OnnxFile.graph("body")
                .input("e", "f32[?]")
                .node("Neg", List.of("e"), List.of("r"))
                .output("r", "f32[?]");
        OnnxFile scan = OnnxFile.graph("scan")
                .input("x", "f32[n,1]")
                .node(
                        "Scan",
                        List.of("x"),
                        List.of("y"),
                        OnnxFile.body("body", body),
                        OnnxFile.number("num_scan_inputs", 1))
                .output("y");
        OnnxFile map = OnnxFile.graph("map")
                .input("x", "f32[n,1]")
                .node("SplitToSequence", List.of("x"), List.of("s"), OnnxFile.number("keepdims", 0))
                .node("SequenceMap", List.of("s"), List.of("t"), OnnxFile.body("body", body))
                .node("SequenceLength", List.of("t"), List.of("y"))
                .output("y");
        for (OnnxFile file : List.of(scan, map)) {
            Session session = Model.load(ByteBuffer.wrap(file.bytes()))
                    .session(SessionOptions.standard().maxIterations(500));
            session.predict(Map.of("x", Tensor.allocate(DType.FLOAT32, 500, 1)));
            assertThat(Typed.failure(() -> session.predict(Map.of("x", Tensor.allocate(DType.FLOAT32, 501, 1)))))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("more than 500 runs");
        }
    }

    /** A loop in a loop uses the same limit of iterations. Each call has its own limit. */
    @Test
    void iterationsOfAllBodiesCountTogether() {
        OnnxFile inner = OnnxFile.graph("inner")
                .input("j", "i64[]")
                .input("on", "bool[]")
                .input("w", "f32[2]")
                .node("Identity", List.of("on"), List.of("still"))
                .node("Neg", List.of("w"), List.of("minus"))
                .output("still", "bool[]")
                .output("minus", "f32[2]");
        OnnxFile outer = OnnxFile.graph("outer")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("v", "f32[2]")
                .initializer("ten", Tensor.scalar(10L))
                .node("Identity", List.of("go"), List.of("again"))
                .node("Loop", List.of("ten", "", "v"), List.of("next"), OnnxFile.body("body", inner))
                .output("again", "bool[]")
                .output("next", "f32[2]");
        Model model = Model.load(ByteBuffer.wrap(OnnxFile.graph("nested")
                .input("m", "i64[]")
                .input("x", "f32[2]")
                .node("Loop", List.of("m", "", "x"), List.of("y"), OnnxFile.body("body", outer))
                .output("y")
                .bytes()));
        Session session = model.session(SessionOptions.standard().maxIterations(55));
        for (int call = 0; call < 3; call++) {
            session.predict(Map.of("m", Tensor.scalar(5L), "x", floats(1, 2)));
        }
        assertThat(Typed.failure(() -> session.predict(Map.of("m", Tensor.scalar(6L), "x", floats(1, 2)))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("Loop");
    }

    /** A practically infinite number of slices without elements, which take no memory. */
    @Test
    void slicesWithoutElements() {
        Tensor none = Tensor.allocate(DType.FLOAT32, GIANT, 0);
        OnnxFile body = OnnxFile.graph("body")
                .input("e", "f32[0]")
                .node("Neg", List.of("e"), List.of("r"))
                .output("r", "f32[0]");
        OnnxFile scan = OnnxFile.graph("scan")
                .input("x", none.type())
                .node(
                        "Scan",
                        List.of("x"),
                        List.of("y"),
                        OnnxFile.body("body", body),
                        OnnxFile.number("num_scan_inputs", 1))
                .output("y");
        OnnxFile split = OnnxFile.graph("split")
                .input("x", none.type())
                .node("SplitToSequence", List.of("x"), List.of("s"))
                .node("SequenceMap", List.of("s"), List.of("t"), OnnxFile.body("body", body))
                .node("ConcatFromSequence", List.of("t"), List.of("y"), OnnxFile.number("axis", 0))
                .output("y");
        for (OnnxFile file : List.of(scan, split)) {
            assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(file.bytes()))
                            .session(SessionOptions.standard().timeLimit(Duration.ofMillis(100)))
                            .predict(Map.of("x", none))))
                    .isInstanceOf(TenonException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)*c", "a*a*a*a*a*a*a*a*b"})
    void regularExpressionsRunInLinearTime(String pattern) {
        OnnxFile file = OnnxFile.graph("regex")
                .input("x", "string[1]")
                .node("RegexFullMatch", List.of("x"), List.of("y"), OnnxFile.attribute("pattern", pattern))
                .output("y");
        Model model = Model.load(ByteBuffer.wrap(file.bytes()));
        Tensor text = Tensor.of(new String[] {"a".repeat(20_000)}, 1);
        assertThat(Typed.failureOrNull(() -> assertThat(
                                model.predict(Map.of("x", text)).tensor().getBoolean(0))
                        .isFalse()))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"((a{1000}){1000}){1000}", "(((a{0,999}){0,999}){0,999}){0,999}"})
    void regularExpressionsThatAreTooLong(String pattern) {
        OnnxFile file = OnnxFile.graph("regex")
                .input("x", "string[1]")
                .node("RegexFullMatch", List.of("x"), List.of("y"), OnnxFile.attribute("pattern", pattern))
                .output("y");
        assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(file.bytes()))
                        .predict(Map.of("x", Tensor.of(new String[] {"a"}, 1)))))
                .hasMessageContaining("regular expression")
                .hasMessageContaining("states");
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -Long.MAX_VALUE, Long.MAX_VALUE})
    void boundsOfSlicesBeyondAnyDimension(long end) {
        for (long start : new long[] {Long.MIN_VALUE, -2, 1, Long.MAX_VALUE}) {
            OnnxFile file = OnnxFile.graph("slice")
                    .input("x", "f32[n]")
                    .initializer("from", longs(start))
                    .initializer("to", longs(end))
                    .node("Slice", List.of("x", "from", "to"), List.of("y"))
                    .output("y");
            Tensor y = Model.load(ByteBuffer.wrap(file.bytes()))
                    .predict(Map.of("x", floats(1, 2, 3)))
                    .tensor();
            int from = Math.clamp(start < 0 ? Math.max(start, -3) + 3 : start, 0, 3);
            assertThat(y.toFloatArray())
                    .isEqualTo(end < 0 ? new float[0] : Arrays.copyOfRange(new float[] {1, 2, 3}, from, 3));
        }
    }
}
