package dev.tenon.compression.floats;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.quantize.weights.Peer;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Node;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.math.Cast;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.TestData;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Float16Test {
    /** Relative to the largest output. */
    private static final double HALF = 1e-2;

    private static Model parse(String text) {
        return Model.of(GraphText.parse(text, StandardOperators.set()));
    }

    private static Tensor random(long seed, double size, long... dims) {
        Random random = new Random(seed);
        return Literals.normal(random, size, DType.FLOAT32, dims);
    }

    private static StepContext context(Model model, List<Map<String, Tensor>> calls) {
        return StepContext.of(calls == null ? null : Samples.of(calls).bind(model.inputs()), 0);
    }

    /** Compares a saved model with the one before, and ONNX Runtime with Tenon. */
    private static Model check(Model model, Step step, Map<String, Tensor> inputs, double tolerance)
            throws OrtException {
        Model found = step.apply(model, context(model, null));
        byte[] file = SavedModel.bytes(found);
        Model read = Model.load(ByteBuffer.wrap(file));
        for (String output : model.graph().outputNames()) {
            Tensor expected = model.predict(inputs).tensor(output);
            Tensor tenon = read.predict(inputs).tensor(output);
            assertThat(tenon.dtype()).isEqualTo(expected.dtype());
            assertThat(Peer.difference(tenon, expected)).as(output).isLessThanOrEqualTo(tolerance);
            for (OptLevel level : List.of(OptLevel.NO_OPT, OptLevel.ALL_OPT)) {
                Tensor peer = Peer.run(file, level, inputs).get(output);
                assertThat(Peer.difference(peer, expected))
                        .as("%s %s", output, level)
                        .isLessThanOrEqualTo(tolerance);
            }
        }
        return found;
    }

    private static List<String> types(Model model, Class<?> op) {
        return model.graph().nodes().stream()
                .filter(node -> op.isInstance(node.op()))
                .map(node -> node.input(0).tensorType().dtype().text() + " "
                        + node.output().tensorType().dtype().text())
                .toList();
    }

    private static List<String> operators(Model model) {
        return model.graph().nodes().stream()
                .map(node -> node.op().schema().name() + " "
                        + node.output().tensorType().dtype().text())
                .toList();
    }

    @Test
    void inputsAndOutputsStay() throws OrtException {
        Model model = parse("""
            graph main(%x: f32[b,4]) {
              %w = const f32[4,3] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3}
              %y = MatMul(%x, %w)
              %z = Relu(%y)
              return %y, %z
            }
            """);
        Model found = check(model, Float16.step(), Map.of("x", random(1, 1, 5, 4)), HALF);
        assertThat(operators(found)).containsExactly("Cast f16", "MatMul f16", "Relu f16", "Cast f32", "Cast f32");
        assertThat(found.graph().outputNames()).containsExactly("y", "z");
        assertThat(found.graph().inputs().getFirst().tensorType().dtype()).isEqualTo(DType.FLOAT32);
    }

    @Test
    void valuesBeyondTheRangeStay() throws OrtException {
        Model model = parse("""
            graph main(%x: f32[b,3], %m: f32[b,3]) {
              %one = const f32[] {1}
              %low = const f32[] {-3.4e38}
              %n = Sub(%one, %m)
              %mask = Mul(%n, %low)
              %s = Add(%x, %mask)
              %p = Softmax(%s)
              %y = Relu(%p)
              return %y
            }
            """);
        Map<String, Tensor> inputs =
                Map.of("x", random(1, 1, 2, 3), "m", Tensor.of(new float[] {1, 1, 0, 0, 0, 0}, 2, 3));
        Model found = check(model, Float16.step(), inputs, HALF);
        assertThat(operators(found))
                .containsSubsequence("Mul f32", "Add f32", "Softmax f32", "Relu f16")
                .contains("Sub f16");
    }

    @Test
    void calibrationFindsLargeValues() {
        Model model = parse("""
            graph main(%x: f32[b,3]) {
              %y = Mul(%x, %x)
              %z = Sqrt(%y)
              %u = Neg(%z)
              return %u
            }
            """);
        Tensor x = Tensor.of(new float[] {1, 300, -2}, 1, 3);
        StepContext context = context(model, List.of(Map.of("x", x)));
        Model found = Float16.step().apply(model, context);
        assertThat(operators(found)).containsExactly("Mul f32", "Sqrt f32", "Cast f16", "Neg f16", "Cast f32");
        assertThat(context.layers().stream().map(LayerReport::reason))
                .containsExactly("its result exceeds 65504", "an operand may exceed 65504");
        assertThat(found.predict(Map.of("x", x)).tensor("u").toFloatArray()).containsExactly(-1, -300, -2);
        assertThat(operators(Float16.step().apply(model, context(model, null)))).contains("Mul f16");
    }

    @Test
    void numbersOfFormulasThatWouldVanishStay() throws OrtException {
        Model model = parse("""
            graph main(%x: f32[b,3]) {
              %e = const f32[] {1e-12}
              %y = Mul(%x, %x)
              %z = Add(%y, %e)
              %u = Div(%x, %z)
              return %u
            }
            """);
        Model found = Float16.step().apply(model, context(model, null));
        assertThat(operators(found)).contains("Mul f16", "Add f32", "Div f16");
    }

    @Test
    void resizeAndTopKStay() throws OrtException {
        Model model = parse("""
            graph main(%x: f32[1,2,4,4]) {
              %s = const f32[4] {1, 1, 1.5, 1.5}
              %k = const i64[1] {1}
              %a = Sigmoid(%x)
              %y = Resize<mode="linear">(%a, _, %s)
              %t = Transpose<perm=[0, 2, 3, 1]>(%y)
              %v, %i = TopK(%t, %k)
              %c = Cast<to=1>(%i)
              %u = Relu(%c)
              return %u
            }
            """);
        Model found = Float16.step().apply(model, context(model, null));
        assertThat(operators(found)).contains("Resize f16", "Transpose f16", "TopK f32");
        assertThat(types(found, Cast.class)).containsExactly("f32 f16", "f16 f32", "i64 f16", "f16 f32");
    }

    @Test
    void castsOfFloat16AreCollapsed() {
        Model model = parse("""
            graph main(%x: f32[2,2]) {
              %w = const f16[2,2] {1, 2, 3, 4}
              %f = Cast<to=1>(%w)
              %y = MatMul(%x, %f)
              return %y
            }
            """);
        Model found = Float16.step().apply(model, context(model, null));
        assertThat(operators(found)).containsExactly("Cast f16", "MatMul f16", "Cast f32");
    }

    @Test
    void bodiesAreChangedToo() throws OrtException {
        String weights = "1, 2, 3, 4, ".repeat(169) + "1, 2, 3, 4";
        Model model = parse("""
            graph main(%x: f32[2,4], %flag: i64[1]) {
              %v = const f32[170,4] {WEIGHTS}
              %zero = const i64[1] {0}
              %c = Greater(%flag, %zero)
              %s = Relu(%x)
              %y = If<else_branch=graph else(%a: f32[2,4], %b: f32[170,4]) {
                %w = const f32[4,170] {WEIGHTS}
                %p = MatMul(%a, %w)
                return %p
              }, then_branch=graph then(%a: f32[2,4], %b: f32[170,4]) {
                %t = Transpose<perm=[1, 0]>(%b)
                %q = MatMul(%a, %t)
                return %q
              }>(%c, %s, %v)
              return %y
            }
            """.replace("WEIGHTS", weights));
        for (long flag : new long[] {0, 1}) {
            Map<String, Tensor> inputs = Map.of("x", random(1, 1, 2, 4), "flag", Tensor.of(new long[] {flag}));
            for (Step step : List.of(Float16.step(), Float16.weights(), BFloat16.weights())) {
                Model found = check(model, step, inputs, HALF);
                assertThat(ModelSize.bytes(model) - ModelSize.bytes(found)).isGreaterThan(2L * 170 * 4 * 2 - 500);
            }
        }
    }

    @Test
    void excludedNodesStay() {
        Model model = parse("""
            graph main(%x: f32[2,2]) {
              %y = Relu(%x)
              %z = Softmax(%y)
              %u = Neg(%z)
              return %u
            }
            """);
        StepContext context = context(model, null);
        Model found =
                Float16.step().layers(LayerFilter.all().exclude("Softmax")).apply(model, context);
        assertThat(operators(found))
                .containsExactly("Cast f16", "Relu f16", "Cast f32", "Softmax f32", "Cast f16", "Neg f16", "Cast f32");
        assertThat(context.layers()).containsExactly(LayerReport.kept("z", "float16", "excluded"));
    }

    @Test
    void weightsThatVanishAreCounted() {
        StringBuilder weights = new StringBuilder("1e-9");
        for (int i = 1; i < 64; i++) {
            weights.append(", ").append(i);
        }
        Model model = parse("""
            graph main(%x: f32[2,8]) {
              %w = const f32[8,8] {WEIGHTS}
              %y = MatMul(%x, %w)
              return %y
            }
            """.replace("WEIGHTS", weights));
        StepContext context = context(model, null);
        Float16.step().apply(model, context);
        assertThat(context.layers()).hasSize(1);
        assertThat(context.layers().getFirst().reason()).isEqualTo("1 weights became 0");
        assertThat(context.layers().getFirst().bits()).isEqualTo(16);
    }

    @Test
    void storedWeightsAreRoundedToNearest() {
        float[] w = new float[64];
        Random random = new Random(1);
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) random.nextGaussian();
        }
        w[0] = 1 + 0x1p-8f;
        w[1] = 1 + 3 * 0x1p-8f;
        w[2] = Float.NEGATIVE_INFINITY;
        w[3] = Float.NaN;
        for (DType type : List.of(DType.FLOAT16, DType.BFLOAT16)) {
            Tensor expected = Tensor.allocate(type, 64);
            for (int i = 0; i < w.length; i++) {
                expected.setDouble(i, w[i]);
            }
            assertThat(HalfTensor.of(Tensor.of(w), type).tensor().contentEquals(expected))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mnist_cnn, model.onnx",
        "mnist_cnn, model_folded.onnx",
        "digits_vit, model.onnx",
        "digits_vit, model_opset20.onnx",
        "digits_mobile, model_bn.onnx"
    })
    void trainedModelsTakeHalfTheBytes(String name, String file) throws Exception {
        Path folder = TestData.shared("models", "trained", name);
        Model model = Model.load(folder.resolve(file));
        Tensor raw = Npy.read(folder.resolve("eval_x.npy"));
        long[] dims = raw.dims();
        dims[0] = 8;
        Tensor x = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, raw.getLong(i) / (name.equals("mnist_cnn") ? 255.0 : 16));
        }
        Map<String, Tensor> inputs = Map.of("input", x);
        Model computed = check(model, Float16.step(), inputs, HALF);
        check(model, Float16.weights(), inputs, HALF);
        check(model, BFloat16.weights(), inputs, 5 * HALF);
        long half = ModelSize.bytes(model) / 2;
        assertThat(ModelSize.bytes(computed)).isLessThan(half + 12_000);
        assertThat(computed.graph().nodes().stream()
                        .map(Node::op)
                        .filter(op -> op instanceof Cast cast && cast.to() == DType.FLOAT32))
                .hasSizeLessThan(8);
    }
}
